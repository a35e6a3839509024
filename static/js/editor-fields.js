// The fields of the Build page: what was changed and not sent yet, and what a swap must leave alone.
const settled = new WeakMap(); // control → the text that the server has of it, where the page does not say it
const OWN = /^(\/|add:|new:|factor:|([a-z].*-)?(root|c\d+)\.)/;
const WRITTEN = "input:not([type=radio], [type=checkbox]), textarea";
let keeps = true; // whether the focused field keeps its text in the next swap

/** Controls that differ from what the server has, each with its text. */
export function changed(form) {
  const own = [...form.elements].filter((each) => OWN.test(each.name) && each.type !== "hidden");
  return own.filter(isDirty).map((each) => [each, textOf(each)]);
}

/** These texts are with the server now. */
export const settle = (sent) => sent.forEach(([control, text]) => settled.set(control, text));

/** What was refused is sent again with the next edit. */
export function unsettle(sent) {
  for (const [control] of sent) {
    if (control.getAttribute("aria-invalid") === "true") settled.set(control, null);
  }
}

/** Undo and redo write into the focused field too. */
export const keepFocused = (isFocusedKept) => (keeps = isFocusedKept);

function textOf(control) {
  if (control.type !== "checkbox") return control.value;
  return control.checked ? "yes" : "no";
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
  const isWriting = keeps && control === document.activeElement && control.matches(WRITTEN);
  if (isDirty(control) || (isWriting && !control.name.startsWith("add:"))) return true;
  settled.delete(control);
  return false;
}

/** Whether it has its content from elsewhere: a panel, the verdict, the mark of a row that is tried anew. */
function isLater(old, fresh) {
  if (fresh.dataset?.later !== undefined) return true;
  if (old.dataset?.keep) return old.dataset.keep === fresh.dataset?.keep;
  return Boolean(old.id?.endsWith("-mark") && !fresh.firstChild && !old.querySelector("[data-muted]"));
}

/** Let a swap pass by the fields that somebody is writing in, and the panels that keep their own content. */
export function watchFields() {
  htmx.config.defaultSettleDelay = 0;
  Idiomorph.defaults.callbacks.beforeNodeMorphed = (old, fresh) => {
    if (isLater(old, fresh)) return false;
    if (old.localName === "details") fresh.open = old.open;
    if (!isKept(old)) return true;
    for (const name of ["aria-invalid", "aria-describedby", "title"]) {
      if (fresh.hasAttribute(name)) old.setAttribute(name, fresh.getAttribute(name));
      else old.removeAttribute(name);
    }
    return false;
  };
}
