// data-live: a page that is told of changes; data-live-state says whether the line is open, and when numbers are old.
const OLD_MS = 40_000;
const LOOK_MS = 5_000;
let line = null;
let newest = Date.now();

export function watchLive() {
  document.addEventListener("htmx:sseOpen", () => tell("is-live", "Live"));
  document.addEventListener("htmx:sseError", () => tell("is-paused", "Refreshing every 15 s"));
  document.addEventListener("htmx:sendError", () => tell("is-down", "No connection to Laurel"));
  document.addEventListener("htmx:afterRequest", (event) => event.detail.successful && refreshed());
  if (document.querySelector("[data-live-state]")) setInterval(look, LOOK_MS);
}

function tell(state, text) {
  line = [state, text];
  show(state, text);
}

function refreshed() {
  newest = Date.now();
  if (line) show(...line);
}

// A page in the background refreshes rarely; it is judged once it is seen again.
function look() {
  if (document.hidden) newest = Math.max(newest, Date.now() - OLD_MS / 2);
  else if (Date.now() - newest > OLD_MS) show("is-down", `Old: as of ${new Date(newest).toISOString().slice(11, 19)}`);
}

function show(state, text) {
  for (const mark of document.querySelectorAll("[data-live-state]")) {
    mark.classList.remove("is-live", "is-paused", "is-down", "is-scheduled");
    mark.classList.add(state);
    mark.textContent = text;
  }
}
