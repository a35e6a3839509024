// The Build page with scripts: each control sends its own edit, and the answer is morphed into the page.
import { watchDrags } from "./editor-drag.js";
import { watchEditorKeys } from "./editor-keys.js";
import { watchLinks } from "./editor-links.js";
import { watchPicks } from "./editor-pick.js";
import { watchPresence } from "./editor-presence.js";
import { show, send, watchFields } from "./editor-send.js";

const TYPED = "input:not([type=radio], [type=checkbox], [data-whole]), textarea";
let pause = 0;

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
  pause = setTimeout(() => send("save", { isTyped: true }), 300);
});

document.addEventListener("change", (event) => {
  if (event.target.form?.id !== "build") return;
  clearTimeout(pause);
  send("save");
});

document.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-panel]");
  if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(tab.dataset.panel);
});

watchFields();
watchPicks();
watchLinks();
watchEditorKeys();
watchDrags();
watchPresence();
