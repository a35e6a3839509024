// Phrases and rows: hover and focus mark both ends; a link leads into its row, Ctrl . back and forth.
const linked = new Set();

function nameOf(target) {
  return target.closest?.("[data-link]")?.dataset.link ?? target.closest?.("#build [data-node]")?.dataset.node;
}

function mark(name) {
  for (const each of linked) each.classList.remove("is-linked");
  linked.clear();
  if (!name || name.endsWith("root")) return;
  const found = document.querySelectorAll(`[data-link="${CSS.escape(name)}"], #${CSS.escape(name)}`);
  for (const each of found) {
    each.classList.add("is-linked");
    linked.add(each);
  }
}

/** The element, or the head of the folded group that hides it. */
function shown(element) {
  const hidden = element?.closest("[data-rows][hidden]");
  return hidden ? shown(hidden.closest("[data-group]").querySelector("[data-node]")) : element;
}

/** The first control of a row, a group or a field. */
export function enter(name) {
  const place = shown(document.getElementById(name));
  const isControl = place?.matches("input, select, textarea, button");
  const control = isControl ? place : place?.querySelector("select, input, button");
  if (!control) return false;
  place.scrollIntoView({ block: "nearest" });
  control.focus();
  return true;
}

/** From a row to its phrase in the sentence, and back. */
export function cross() {
  const name = nameOf(document.activeElement);
  if (!name) return;
  if (document.activeElement.matches("[data-link]")) enter(name);
  else document.querySelector(`#sentence [data-link="${CSS.escape(name)}"]`)?.focus();
}

/** Mark both ends, and lead into rows. */
export function watchLinks() {
  for (const kind of ["mouseover", "focusin"]) document.addEventListener(kind, (event) => mark(nameOf(event.target)));
  document.addEventListener("htmx:afterSwap", () => mark(nameOf(document.activeElement)));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-link]");
    if (link?.dataset.link && enter(link.dataset.link)) event.preventDefault();
  });
}
