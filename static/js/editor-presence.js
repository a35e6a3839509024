// Who else is here: say in which row one is, learn who else is where, and take over what they changed.
import { editor, send } from "./editor-send.js";

const EVERY = 5000;

function tell() {
  if (document.hidden || editor().dataset.draft === "0") return;
  const node = document.activeElement?.closest("#build [data-node]")?.dataset.node ?? "";
  send("here", { path: "/presence", more: { node }, into: "#present" });
}

function signs() {
  return new Map([...document.querySelectorAll("#build [data-sign]")].map((each) => [each.id, each.dataset.sign]));
}

/** Tell every five seconds; rows that somebody else changed are tinted once. */
export function watchPresence() {
  let before = signs();
  setInterval(tell, EVERY);
  tell();
  document.addEventListener("htmx:beforeSwap", () => (before = signs()));
  document.addEventListener("htmx:afterSwap", () => {
    if (!document.getElementById("others")) return;
    for (const [id, sign] of signs()) {
      if (before.get(id) !== sign) tint(document.getElementById(id));
    }
  });
}

function tint(row) {
  row.classList.add("is-changed");
  setTimeout(() => row.classList.remove("is-changed"), 3000);
}
