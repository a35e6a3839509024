// The play page: one press, one play; the reel turns, the outcome comes from the server and never before the reel ends.
import { watchCopies } from "./copy.js";

const STEP = 1000;
let ticking = 0;
let source = null;

async function show(address, options = {}) {
  const answer = await fetch(address, { ...options, headers: { "X-Laurel-Fragment": "1", ...options.headers } });
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  const next = holder.content.querySelector("#stage");
  if (next) {
    document.querySelector("#stage").replaceWith(next);
    enter();
  }
}

function enter() {
  clearInterval(ticking);
  source?.close();
  const stage = document.querySelector("#stage");
  // A reload shows this play again, not a game that waits for another press.
  const isUnderWay = ["playing", "queued", "degraded"].includes(stage.dataset.stage);
  if (isUnderWay) history.replaceState(null, "", stage.dataset.address);
  if (stage.dataset.stage === "playing") count(stage);
  if (stage.dataset.stream) listen(stage);
  if (stage.dataset.stage === "busy") hold(stage);
  if (["won", "lost"].includes(stage.dataset.stage)) stage.querySelector("[data-focus]")?.focus();
}

function count(stage) {
  let left = Number(stage.dataset.seconds);
  ticking = setInterval(() => {
    left -= 1;
    if (left <= 0) return void show(stage.dataset.address);
    stage.querySelector("[data-count]").textContent = left;
    const passed = 100 - (100 * left) / Number(stage.dataset.reel);
    stage.querySelector("[data-ring]").setAttribute("stroke-dashoffset", passed);
  }, STEP);
}

function listen(stage) {
  source = new EventSource(stage.dataset.stream);
  source.addEventListener("outcome", () => {
    source.close();
    show(stage.dataset.address);
  });
  source.addEventListener("error", () => {
    source.close();
    if (stage.dataset.stage !== "playing") setTimeout(() => show(stage.dataset.address), 3 * STEP);
  });
}

function hold(stage) {
  const button = stage.querySelector("button");
  const said = button.textContent;
  let left = Number(stage.dataset.retry);
  const say = () => {
    button.disabled = left > 0;
    button.textContent = left > 0 ? `${said} in ${left} s` : said;
    if (left <= 0) clearInterval(ticking);
    left -= 1;
  };
  ticking = setInterval(say, STEP);
  say();
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-play]")) return;
  event.preventDefault();
  event.target.querySelector("button").disabled = true;
  show(event.target.action, { method: "POST", body: new FormData(event.target) });
});

watchCopies();
enter();
