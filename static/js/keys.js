// Keys: "/" finds, arrows walk through [data-walk] links, Ctrl K jumps.
export function watchKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.key === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) return jump(event);
    if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
    if (event.key === "/" && !isTyping(event.target)) return find(event);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") return walk(event, event.key === "ArrowDown" ? 1 : -1);
    return undefined;
  });
}

function jump(event) {
  const link = document.querySelector("[data-jump]");
  if (!link) return;
  event.preventDefault();
  link.click();
}

function find(event) {
  const field = document.querySelector("[data-find]");
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
}

function walk(event, step) {
  const links = [...document.querySelectorAll("[data-walk]")];
  const at = links.indexOf(document.activeElement);
  const starts = step > 0 && event.target.matches("[data-find], [type=search], body");
  if (!links.length || (at < 0 && !starts)) return;
  if (event.target.matches("body") && document.activeElement !== document.body) return;
  event.preventDefault();
  const next = at < 0 ? 0 : at + step;
  if (next < 0) find(event);
  else links[Math.min(next, links.length - 1)].focus();
}

function isTyping(target) {
  return target.matches("input, textarea, select, [contenteditable]");
}
