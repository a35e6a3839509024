// The list of facts: opens at its button, is searched by typing, walked by arrows, and gives its path to the control.
import { editor, send } from "./editor-send.js";

const DAYS_MAX = 90;
const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
let button = null;
const dialog = () => document.getElementById("picker");
const search = () => dialog().querySelector("input");
const options = () => [...dialog().querySelectorAll("[role=option]:not([hidden])")];

async function open(from, text = "") {
  button = from;
  search().value = text;
  if (!dialog().open) dialog().showModal();
  search().setSelectionRange(text.length, text.length);
  place(from.getBoundingClientRect());
  const answer = await fetch(`${editor().dataset.address}/facts?at=${encodeURIComponent(from.dataset.pick)}`);
  if (answer.ok) document.getElementById("picks-place").innerHTML = await answer.text();
  search().setAttribute("aria-expanded", String(Boolean(document.getElementById("picks"))));
  place(from.getBoundingClientRect());
  narrow(search().value ? null : from.dataset.path);
}

function place(at) {
  const box = dialog().getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, innerWidth - box.width - 8));
  const top = at.bottom + box.height + 8 < innerHeight ? at.bottom + 4 : Math.max(8, innerHeight - box.height - 8);
  Object.assign(dialog().style, { margin: "0", left: `${left}px`, top: `${top}px` });
}

function narrow(path = null) {
  const words = search().value.toLowerCase().split(/\s+/).filter(Boolean);
  offerDays(words);
  for (const option of dialog().querySelectorAll("[data-search]")) {
    const isIdle = "unreadable" in option.dataset && !words.length;
    option.hidden = isIdle || !words.every((word) => option.dataset.search.includes(word));
  }
  own(search().value.trim());
  const nothing = dialog().querySelector("[data-nothing]");
  if (nothing) nothing.hidden = Boolean(options().length || dialog().querySelector("[data-unreadable]:not([hidden])"));
  for (const group of dialog().querySelectorAll("[role=group]")) {
    group.hidden = !group.querySelector("[role=option]:not([hidden])");
  }
  // A property that nobody has seen is only taken if somebody chooses it, never by Enter alone.
  const known = options().filter((option) => !option.dataset.own);
  mark(known.find((option) => option.dataset.path === path) ?? known[0]);
}

/** Offer "in the last N days" for the number that was typed: any number will do, the list names only usual ones. */
function offerDays(words) {
  const typed = words.map(Number).find((number) => number > 1 && number <= DAYS_MAX && number !== 30);
  for (const option of dialog().querySelectorAll("[data-days]")) {
    const withDays = (text) => text.replace(/last([ _])\d+([ _])days/g, `last$1${typed ?? 7}$2days`);
    option.dataset.path = withDays(option.dataset.path);
    option.dataset.search = withDays(option.dataset.search);
    option.querySelector("span").textContent = withDays(option.querySelector("span").textContent);
  }
}

function own(name) {
  const option = dialog().querySelector("[data-own]");
  if (!option) return;
  option.hidden = options().some((each) => each !== option) || !/^[A-Za-z_][\w.]*$/.test(name);
  option.dataset.path = option.dataset.own + name;
  option.querySelector("span").textContent = `Property “${name}” of the event`;
}

function mark(option) {
  for (const each of dialog().querySelectorAll("[aria-selected=true]")) each.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) search().setAttribute("aria-activedescendant", option.id);
  else search().removeAttribute("aria-activedescendant");
}

function choose(option) {
  if (!option) return;
  dialog().close();
  button.focus();
  const more = {};
  more[button.dataset.pick] = option.dataset.path;
  send("save", { more });
}

function walk(event) {
  const step = STEPS[event.key];
  const chosen = dialog().querySelector("[aria-selected=true]");
  if (event.key === "Enter") choose(chosen);
  else if (step) mark(options()[Math.max(0, Math.min(options().indexOf(chosen) + step, options().length - 1))]);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** Open at buttons, and at a letter that is typed on one. */
export function watchPicks() {
  document.addEventListener("laurel:pick", (event) => open(event.target));
  document.addEventListener("keydown", (event) => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const isLetter = event.key.length === 1 && /\p{L}/u.test(event.key);
    if (!isPlain || !isLetter || !event.target.matches("[data-pick]")) return;
    event.preventDefault();
    open(event.target, event.key);
  });
  dialog().addEventListener("input", () => narrow());
  dialog().addEventListener("keydown", walk);
  dialog().addEventListener("click", (event) => {
    if (event.target === dialog()) dialog().close();
    else choose(event.target.closest("[role=option]"));
  });
}
