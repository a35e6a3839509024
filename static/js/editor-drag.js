// Dragging rows by their grips, within a group and between groups: the same move as by buttons and keys.
import { send } from "./editor-send.js";

// No drag of the browser's own.
const BY_HAND = { forceFallback: true, fallbackOnBody: true, fallbackTolerance: 3, animation: 0 };

function dropped({ item, to, newDraggableIndex }) {
  send(`move:${item.dataset.id}:${to.dataset.rows}:${newDraggableIndex}`);
}

function prepare() {
  for (const list of document.querySelectorAll("#build [data-rows]")) {
    if (Sortable.get(list)) continue;
    new Sortable(list, {
      group: list.dataset.rows.replace(/(root|c\d+)$/, "rows"),
      handle: ".lr-grip",
      draggable: "li",
      ghostClass: "is-dragged",
      ...BY_HAND,
      onEnd: dropped,
    });
  }
}

/** Prepare the lists, and those that come with a swap. */
export function watchDrags() {
  prepare();
  document.addEventListener("htmx:afterSwap", prepare);
}
