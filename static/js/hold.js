// data-hold="ID": a button that stops a live part from changing; focus inside the part holds it too.
export function watchHolds() {
  for (const button of document.querySelectorAll("[data-hold]")) {
    const part = document.getElementById(button.dataset.hold);
    button.hidden = false;
    button.addEventListener("click", () => toggle(button));
    part.addEventListener("htmx:beforeRequest", (event) => {
      if (event.target === part && isHeld(button, part)) event.preventDefault();
    });
  }
}

function toggle(button) {
  const holds = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", String(holds));
  button.querySelector("span").textContent = holds ? "Resume" : "Hold";
}

function isHeld(button, part) {
  return button.getAttribute("aria-pressed") === "true" || part.contains(document.activeElement);
}
