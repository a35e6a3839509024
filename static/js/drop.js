// data-drop: a form that takes a file dropped anywhere on it; reading begins at once.
export function watchDrops() {
  const of = (event) => event.target.closest?.("[data-drop]");
  document.addEventListener("dragover", (event) => {
    const form = of(event);
    if (!form) return;
    event.preventDefault();
    form.classList.add("lr-dropping");
  });
  document.addEventListener("dragleave", (event) => {
    const form = of(event);
    if (form && !form.contains(event.relatedTarget)) form.classList.remove("lr-dropping");
  });
  document.addEventListener("drop", (event) => {
    const form = of(event);
    if (!form) return;
    event.preventDefault();
    form.classList.remove("lr-dropping");
    const field = form.querySelector("input[type=file]");
    if (!event.dataTransfer.files.length) return;
    field.files = event.dataTransfer.files;
    form.requestSubmit();
  });
}
