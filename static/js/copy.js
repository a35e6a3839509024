// data-copy="ID": a button that copies the text of that element and says so.
export function watchCopies() {
  if (!navigator.clipboard) return;
  const show = (root) => root.querySelectorAll("[data-copy]").forEach((button) => (button.hidden = false));
  show(document);
  document.addEventListener("htmx:afterSwap", (event) => show(event.target));
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    say(button, "Copied");
  });
}

function say(button, text) {
  const label = [...button.childNodes].findLast((node) => node.textContent.trim());
  const before = label.textContent;
  if (before.trim() === text) return;
  label.textContent = text;
  setTimeout(() => (label.textContent = before), 2000);
}
