// What goes to the server and comes back: one request at a time, so that edits are made in their order.
import { changed, keepFocused, settle, unsettle } from "./editor-fields.js";

const queue = [];
const idle = [];
let isBusy = false;

export const editor = () => document.getElementById("editor");
const form = () => document.getElementById("build");

/** Send what was changed, and an operation; `more` are further values. */
export function send(op = "save", { isTyped = false, more = {}, path = "", into = "#editor" } = {}) {
  if (isTyped && queue.some((each) => each.op === "save" && !each.path)) return;
  if (path && queue.some((each) => each.path === path)) return;
  queue.push({ op, more, path, into });
  wait(!path);
  pump();
}

/** Say that something is under way; what the page shows is what was known before. */
export const wait = (isSeen = true) => isSeen && editor().setAttribute("aria-busy", "true");

/** Change the panel beside the tree; the address remembers it. */
export function show(panel) {
  form().elements.panel.value = panel;
  remember({ panel });
  send("save");
}

/** The address leads back to what is shown; an empty value is left out. */
function remember(shown) {
  const search = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(shown)) {
    if (value) search.set(name, value);
    else search.delete(name);
  }
  const address = editor().dataset.address + (search.size ? `?${search}` : "");
  if (address !== location.pathname + location.search) history.replaceState(null, "", address);
}

async function pump() {
  if (isBusy || !queue.length) return;
  isBusy = true;
  const asked = queue.shift();
  const sent = asked.path ? [] : changed(form());
  const { revision } = editor().dataset;
  const onSwap = (event) => event.target.id === "editor" && event.detail.shouldSwap && settle(sent);
  keepFocused(asked.op !== "undo" && asked.op !== "redo");
  document.addEventListener("htmx:beforeSwap", onSwap);
  try {
    await exchange(asked, sent);
    after(asked.op, sent, Boolean(asked.path));
    if (!asked.path || editor().dataset.revision !== revision) followDraft();
  } catch {
    wait(); // it did not arrive: watchFailures says so, and tries again
  } finally {
    document.removeEventListener("htmx:beforeSwap", onSwap);
    isBusy = false;
    if (queue.some((each) => !each.path)) wait();
    else editor().removeAttribute("aria-busy");
    if (queue.length) pump();
    else idle.splice(0).forEach((go) => go());
  }
}

/** Everything that was changed is with the server, or cannot be brought there now. */
export function settled() {
  if (isBusy || changed(form()).length) send("save");
  return new Promise((resolve) => (isBusy ? idle.push(resolve) : resolve()));
}

/** Say that the last edit did not arrive; what was typed is kept, and sent again soon. */
export function watchFailures() {
  for (const kind of ["htmx:responseError", "htmx:sendError"]) document.addEventListener(kind, onFailure);
}

function onFailure(event) {
  if (event.target.id !== "editor" || event.detail.requestConfig?.path.endsWith("/presence")) return;
  const saved = document.getElementById("saved");
  saved.className = "small bad";
  saved.textContent = "Not saved: Laurel does not answer. What you typed is kept.";
  setTimeout(() => send("save"), 3000);
}

function exchange({ op, more, path, into }, sent) {
  const { panel, folded, noticed } = form().elements;
  const { revision } = editor().dataset;
  const own = { op, revision, noticed: noticed.value, panel: panel.value, folded: folded.value };
  const texts = Object.fromEntries(sent.map(([control, text]) => [control.name, text]));
  const values = { ...texts, ...own, ...more };
  return htmx.ajax("POST", editor().dataset.address + path, { source: "#editor", target: into, swap: "morph", values });
}

function after(op, sent, isQuiet) {
  unsettle(sent);
  remember({ folded: form().elements.folded.value });
  if (isQuiet) return;
  const wanted = document.getElementById(editor().dataset.focus);
  const isLost = !document.activeElement || document.activeElement === document.body;
  if (wanted && (op !== "save" || isLost)) wanted.focus();
  else if (isLost) document.getElementById("root-add")?.focus();
}

/** Whoever changed the draft: the sample and the marks of the rows follow it. */
function followDraft() {
  document.body.dispatchEvent(new CustomEvent("laurel:edited"));
  const sample = editor().dataset.address.replace(/edit$/, "sample");
  if (document.getElementById("root") && !document.getElementById("panel-sample")) {
    htmx.ajax("GET", sample, { source: "#sentence", target: "#said", swap: "none" });
  }
}
