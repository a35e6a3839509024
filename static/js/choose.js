// data-choosing: a list whose rows are chosen by boxes; it counts them, "x" chooses and "e" edits the row in focus.
export function watchChoices() {
  document.addEventListener("change", (event) => {
    const list = event.target.closest("[data-choosing]");
    if (!list) return;
    if (event.target.matches("[data-choose-all]")) chooseAll(list, event.target.checked);
    count(list);
  });
  document.addEventListener("reset", (event) => {
    const list = event.target.closest("[data-choosing]");
    if (list) setTimeout(() => count(list));
  });
  document.addEventListener("keydown", onKey);
  document.addEventListener("htmx:afterSwap", start);
  start();
}

function start() {
  for (const list of document.querySelectorAll("[data-choosing]")) {
    for (const all of list.querySelectorAll("[data-choose-all]")) all.hidden = false;
    count(list);
  }
}

function boxes(list) {
  return [...list.querySelectorAll("[data-choose]:not(:disabled)")];
}

function chooseAll(list, isChosen) {
  for (const box of boxes(list)) box.checked = isChosen;
}

function count(list) {
  const every = boxes(list);
  const chosen = every.filter((box) => box.checked).length;
  const all = list.querySelector("[data-choose-all]");
  const said = list.querySelector("[data-chosen-count]");
  if (all) {
    all.checked = chosen > 0 && chosen === every.length;
    all.indeterminate = chosen > 0 && chosen < every.length;
  }
  if (said) said.textContent = chosen ? `${chosen} chosen` : "Chosen rules";
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !event.target.matches?.("[data-walk], [data-choose]")) return;
  const row = event.target.closest("tr");
  if (event.key === "x" && row) {
    row.querySelector("[data-choose]:not(:disabled)")?.click();
    event.preventDefault();
  }
  const edit = row?.querySelector("[data-edit]");
  if (event.key === "e" && edit) {
    event.preventDefault();
    location.assign(edit.dataset.edit);
  }
}
