// Who else is here: say in which row one is, learn who else is where, and take over what they changed.
import { editor, send } from "./editor-send.js";

const EVERY = 1000; // others see it within two seconds

let sentPlace = "";

const place = () => document.activeElement?.closest("#build [data-node]")?.dataset.node ?? "";

function tell() {
  if (document.hidden) return;
  sentPlace = place();
  send("here", { path: "/presence", more: { node: sentPlace }, into: "#present" });
}

function signs() {
  return new Map([...document.querySelectorAll("#build [data-sign]")].map((each) => [each.id, each.dataset.sign]));
}

/** Tell every second, and when one goes to another row; rows that somebody else changed are tinted once. */
export function watchPresence() {
  let before = signs();
  setInterval(tell, EVERY);
  tell();
  document.addEventListener("focusin", () => place() !== sentPlace && tell());
  document.addEventListener("htmx:beforeSwap", () => (before = signs()));
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (!detail.requestConfig?.path.endsWith("/presence")) return;
    for (const [id, sign] of signs()) {
      if (before.get(id) !== sign) tint(document.getElementById(id));
    }
  });
}

function tint(row) {
  row.classList.add("is-changed");
  setTimeout(() => row.classList.remove("is-changed"), 3000);
}
