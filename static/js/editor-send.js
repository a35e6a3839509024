// What goes to the server and comes back: one request at a time; what was typed meanwhile is never overwritten.
const settled = new WeakMap(); // control → the text that the server has of it, where the page does not say it
const queue = [];
let isBusy = false;
let keeps = true; // whether the focused field keeps its text in the next swap

export const editor = () => document.getElementById("editor");
const form = () => document.getElementById("build");

/** Send what was changed, and an operation; `more` are further values. */
export function send(op = "save", { isTyped = false, more = {}, path = "", into = "#editor" } = {}) {
  if (isTyped && queue.some((each) => each.op === "save" && !each.path)) return;
  queue.push({ op, more, path, into });
  wait(!path);
  pump();
}

/** Say that something is under way; what the page shows is what was known before. */
export const wait = (isSeen = true) => isSeen && editor().setAttribute("aria-busy", "true");

/** Change the panel beside the tree; the address remembers it. */
export function show(panel) {
  history.replaceState(null, "", `?panel=${panel}`);
  form().elements.panel.value = panel;
  send("save");
}

async function pump() {
  if (isBusy || !queue.length) return;
  isBusy = true;
  const { op, more, path, into } = queue.shift();
  const sent = path ? [] : changed();
  const own = { op, revision: editor().dataset.revision, panel: form().elements.panel.value };
  keeps = op !== "undo" && op !== "redo";
  const settle = () => sent.forEach(([control, text]) => settled.set(control, text));
  document.addEventListener("htmx:beforeSwap", settle, { once: true });
  const values = { ...Object.fromEntries(sent.map(([control, text]) => [control.name, text])), ...own, ...more };
  try {
    await htmx.ajax("POST", editor().dataset.address + path, { source: "#editor", target: into, swap: "morph", values });
    after(op, sent, Boolean(path));
  } finally {
    document.removeEventListener("htmx:beforeSwap", settle);
    isBusy = false;
    if (queue.length) wait();
    else editor().removeAttribute("aria-busy");
    pump();
  }
}

function after(op, sent, isQuiet) {
  for (const [control] of sent) if (control.getAttribute("aria-invalid") === "true") settled.set(control, null);
  const here = editor().dataset.address;
  if (location.pathname !== here) history.replaceState(null, "", here + location.search);
  if (isQuiet) return;
  const wanted = document.getElementById(editor().dataset.focus);
  if (wanted && (op !== "save" || !document.activeElement || document.activeElement === document.body)) wanted.focus();
  else if (document.activeElement === document.body) document.getElementById("root-add")?.focus();
  document.body.dispatchEvent(new CustomEvent("laurel:edited"));
}

function changed() {
  const own = [...form().elements].filter((each) => /^(\/|add:|new:|factor:|root\.|c\d+\.)/.test(each.name) && each.type !== "hidden");
  return own.filter(isDirty).map((each) => [each, textOf(each)]);
}

function textOf(control) {
  return control.type === "checkbox" ? (control.checked ? "yes" : "no") : control.value;
}

function isDirty(control) {
  if (settled.has(control)) return textOf(control) !== settled.get(control);
  if (control.type === "radio") return control.checked && !control.defaultChecked;
  if (control.type === "checkbox") return control.checked !== control.defaultChecked;
  if (control.tagName !== "SELECT") return control.value !== control.defaultValue;
  const shown = [...control.options].find((option) => option.defaultSelected) ?? control.options[0];
  return control.value !== shown?.value;
}

function isKept(control) {
  if (!control.matches?.("#build :is(input, select, textarea)") || control.type === "hidden") return false;
  const isWriting = keeps && control === document.activeElement && control.matches("input:not([type=radio], [type=checkbox]), textarea");
  if (isDirty(control) || (isWriting && !control.name.startsWith("add:"))) return true;
  settled.delete(control);
  return false;
}

/** Let a swap pass by the fields that somebody is writing in, and the panels that keep their own content. */
export function watchFields() {
  htmx.config.defaultSettleDelay = 0;
  // What somebody has opened stays open.
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => name !== "open" || node.tagName !== "DETAILS";
  Idiomorph.defaults.callbacks.beforeNodeMorphed = (old, fresh) => {
    if (old.dataset?.keep && old.dataset.keep === fresh.dataset?.keep) return false;
    if (old.localName === "details") fresh.open = old.open;
    if (!isKept(old)) return true;
    for (const name of ["aria-invalid", "aria-describedby", "title"]) {
      if (fresh.hasAttribute(name)) old.setAttribute(name, fresh.getAttribute(name));
      else old.removeAttribute(name);
    }
    return false;
  };
}
