// data-live: a page that is told of changes; data-live-state says whether the line is open.
export function watchLive() {
  document.addEventListener("htmx:sseOpen", () => show("is-live", "Live"));
  document.addEventListener("htmx:sseError", () => show("is-paused", "Refreshing every 15 s"));
  document.addEventListener("htmx:sendError", () => show("is-down", "No connection to Laurel"));
}

function show(state, text) {
  for (const mark of document.querySelectorAll("[data-live-state]")) {
    mark.classList.remove("is-live", "is-paused", "is-down", "is-scheduled");
    mark.classList.add(state);
    mark.textContent = text;
  }
}
