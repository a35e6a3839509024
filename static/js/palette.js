// The sheets that open over any page: Ctrl K or Cmd K jumps, "?" shows the keys. Both are pages of their own, too.
const SHEETS = {
  jump: { address: "/jump/palette", label: "Places", page: "/jump" },
  keys: { address: "/jump/keys", label: "Keyboard shortcuts", page: "/jump/keys" },
};

export function watchPalette() {
  document.addEventListener("keydown", (event) => {
    if (event.key === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) ask(event, "jump");
    else if (event.key === "?" && !isTyping(event) && !document.getElementById("editor-keys")) ask(event, "keys");
    else typeOn(event);
  });
  document.addEventListener("click", (event) => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (isPlain && event.target.closest("[data-jump]")) ask(event, "jump");
  });
}

async function ask(event, name) {
  event.preventDefault();
  const known = document.getElementById(`sheet-${name}`);
  if (known?.open) return known.close();
  const sheet = SHEETS[name];
  const answer = await fetch(sheet.address, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return location.assign(sheet.page);
  known?.remove();
  open(name, sheet, await answer.text());
}

function open(name, sheet, inside) {
  const dialog = document.createElement("dialog");
  dialog.id = `sheet-${name}`;
  dialog.className = name === "jump" ? "lr-sheet lr-palette" : "lr-sheet is-wide";
  dialog.setAttribute("aria-label", sheet.label);
  dialog.dataset.sheet = "";
  dialog.innerHTML = inside;
  document.body.append(dialog);
  for (const needless of dialog.querySelectorAll("[data-needless]")) needless.hidden = true;
  document.querySelector("[popover]:popover-open")?.hidePopover();
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("submit", (submit) => first(dialog, submit));
  dialog.showModal();
  window.htmx?.process(dialog);
}

// Enter in the field opens the nearest place.
function first(dialog, event) {
  const link = dialog.querySelector("[data-walk]");
  if (!link) return;
  event.preventDefault();
  link.click();
}

// Typing while a place has the focus goes on in the field.
function typeOn(event) {
  const dialog = event.target.closest?.("dialog.lr-palette");
  if (!dialog || event.key.length > 1 || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("[data-walk]")) dialog.querySelector("input").focus();
}

function isTyping(event) {
  const at = event.composedPath()[0];
  return at.matches?.("input, textarea, select, [contenteditable]") || event.ctrlKey || event.metaKey;
}
