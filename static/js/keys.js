// Keys: "/" finds, arrows walk through [data-walk] links: those of the sheet that is open, else of the page.
export function watchKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
    if (event.key === "/" && !isTyping(event.composedPath()[0])) return find(event);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") return walk(event, event.key === "ArrowDown" ? 1 : -1);
    return undefined;
  });
}

function find(event) {
  const field = place().querySelector("[data-find], dialog [type=search]");
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
}

function walk(event, step) {
  const links = [...place().querySelectorAll("[data-walk]")];
  const at = links.indexOf(document.activeElement);
  const starts = step > 0 && event.target.matches("[data-find], [type=search], body");
  if (!links.length || (at < 0 && !starts)) return;
  if (event.target.matches("body") && document.activeElement !== document.body) return;
  event.preventDefault();
  const next = at < 0 ? 0 : at + step;
  if (next < 0) find(event);
  else links[Math.min(next, links.length - 1)].focus();
}

function place() {
  return document.querySelector("dialog[open]") ?? document;
}

function isTyping(target) {
  return target.matches?.("input, textarea, select, [contenteditable]");
}
