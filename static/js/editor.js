// The Build page with scripts: each control sends its own edit, and the answer is morphed into the page.
import { watchDrags } from "./editor-drag.js";
import { watchEditorKeys } from "./editor-keys.js";
import { watchLinks } from "./editor-links.js";
import { watchPicks } from "./editor-pick.js";
import { watchPresence } from "./editor-presence.js";
import { watchFields } from "./editor-fields.js";
import { send, settled, show, wait, watchFailures } from "./editor-send.js";

const TYPED = "input:not([type=radio], [type=checkbox], [data-whole]), textarea";
let pause = 0;
let keyed = null;

document.addEventListener("submit", (event) => {
  if (event.target.id !== "build" && event.submitter?.form?.id !== "build") return;
  event.preventDefault();
  const button = event.submitter;
  const op = button?.name === "op" ? button.value : "save";
  button?.closest("[popover]")?.hidePopover();
  if (op.startsWith("pick:")) button.dispatchEvent(new CustomEvent("laurel:pick", { bubbles: true }));
  else send(op);
});

document.addEventListener("input", (event) => {
  if (!event.target.matches(TYPED) || event.target.form?.id !== "build") return;
  clearTimeout(pause);
  wait();
  pause = setTimeout(() => send("save", { isTyped: true }), 300);
});

document.addEventListener("change", (event) => {
  if (event.target.form?.id !== "build") return;
  clearTimeout(pause);
  if (event.target !== keyed) send("save");
});

// A list that adds what is chosen waits while it is walked by keys: Enter or leaving it chooses.
document.addEventListener("pointerdown", () => (keyed = null));
document.addEventListener("keydown", (event) => {
  if (!event.target.matches("#build select.is-add") || event.ctrlKey || event.altKey) return;
  keyed = event.key === "Enter" || event.key === "Tab" ? null : event.target;
  if (event.key !== "Enter") return;
  event.preventDefault();
  send("save");
});
document.addEventListener("focusout", (event) => {
  if (event.target !== keyed) return;
  keyed = null;
  send("save");
});

document.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-panel]");
  if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(tab.dataset.panel);
});

// A link that leads away waits until what was typed has arrived.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("#editor a[href]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || link.hash) return;
  event.preventDefault();
  clearTimeout(pause);
  await settled();
  location.assign(link.href);
});

watchFailures();
watchFields();
watchPicks();
watchLinks();
watchEditorKeys();
watchDrags();
watchPresence();
