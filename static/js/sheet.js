// data-sheet: a dialog that opens when something is swapped into it; data-close inside it closes it.
export function watchSheets() {
  document.addEventListener("htmx:afterSwap", (event) => {
    const sheet = event.target.closest?.("dialog[data-sheet]");
    if (!sheet || !event.target.isConnected) return;
    for (const open of document.querySelectorAll("[popover]:popover-open")) open.hidePopover();
    if (!sheet.open) sheet.showModal();
  });
  document.addEventListener("click", (event) => {
    const sheet = event.target.closest("dialog[data-sheet]");
    if (!sheet || (event.target !== sheet && !event.target.closest("[data-close]"))) return;
    event.preventDefault();
    sheet.close();
  });
}
