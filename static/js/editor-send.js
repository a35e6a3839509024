// What goes to the server and comes back: one request at a time, so that edits are made in their order.
import { changed, keepFocused, settle, unsettle } from "./editor-fields.js";

const queue = [];
let isBusy = false;

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
  const asked = queue.shift();
  const sent = asked.path ? [] : changed(form());
  const onSwap = () => settle(sent);
  keepFocused(asked.op !== "undo" && asked.op !== "redo");
  document.addEventListener("htmx:beforeSwap", onSwap, { once: true });
  try {
    await exchange(asked, sent);
    after(asked.op, sent, Boolean(asked.path));
  } finally {
    document.removeEventListener("htmx:beforeSwap", onSwap);
    isBusy = false;
    if (queue.length) wait();
    else editor().removeAttribute("aria-busy");
    pump();
  }
}

function exchange({ op, more, path, into }, sent) {
  const own = { op, revision: editor().dataset.revision, panel: form().elements.panel.value };
  const texts = Object.fromEntries(sent.map(([control, text]) => [control.name, text]));
  const values = { ...texts, ...own, ...more };
  return htmx.ajax("POST", editor().dataset.address + path, { source: "#editor", target: into, swap: "morph", values });
}

function after(op, sent, isQuiet) {
  unsettle(sent);
  const here = editor().dataset.address;
  if (location.pathname !== here) history.replaceState(null, "", here + location.search);
  if (isQuiet) return;
  const wanted = document.getElementById(editor().dataset.focus);
  const isLost = !document.activeElement || document.activeElement === document.body;
  if (wanted && (op !== "save" || isLost)) wanted.focus();
  else if (isLost) document.getElementById("root-add")?.focus();
  document.body.dispatchEvent(new CustomEvent("laurel:edited"));
}
