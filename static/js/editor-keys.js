// Keys of the Build page: everything that the row menus do, undo, panels, review.
import { cross } from "./editor-links.js";
import { send } from "./editor-send.js";

const MOVES = { ArrowUp: "up", ArrowDown: "down", ArrowRight: "into", ArrowLeft: "out" };
const CHANGES = { d: "clone", m: "mute" };
const STEPS = { ArrowDown: 1, ArrowUp: -1 };
const PANELS = { 1: "sample", 2: "history", 3: "checks" };
const WRITING = "input:not([type=radio], [type=checkbox]), textarea";

/** Listen, except while the list of facts or a menu is open. */
export function watchEditorKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.target.closest("[popover]:not(#side)")) return;
    const act = actOf(event);
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function actOf(event) {
  if (event.ctrlKey || event.metaKey) return withControl(event);
  return event.altKey ? moved(event) : plain(event);
}

function withControl(event) {
  const key = event.key.toLowerCase();
  if (key === "z" && !isHalfTyped(event.target)) return () => press(event.shiftKey ? "redo" : "undo");
  if (key === "y") return () => press("redo");
  if (key === "enter") return () => add(event.shiftKey ? "add_group" : "add_row");
  if (key === ".") return cross;
  if (key === "p" && event.shiftKey) return () => document.getElementById("review")?.click();
  if (key === "g") return () => fold(event.target);
  const node = nodeOf(event.target);
  return CHANGES[key] && node ? () => send(`${CHANGES[key]}:${node}`) : null;
}

function fold(target) {
  const button = target.closest("#build [data-group]")?.querySelector("[aria-expanded][id$='-fold']");
  if (button?.closest("[data-group]") === target.closest("[data-group]")) send(button.value);
}

function isHalfTyped(target) {
  return target.matches(WRITING) && target.value !== target.defaultValue && target.closest("#build");
}

function press(name) {
  if (!document.getElementById(name).disabled) send(name);
}

function moved(event) {
  const node = nodeOf(event.target);
  return MOVES[event.key] && node && !isOutermost(node) ? () => send(`${MOVES[event.key]}:${node}`) : null;
}

function add(op) {
  const row = document.activeElement.closest("[data-node]");
  const group = row?.parentElement.closest("[data-rows]")?.dataset.rows;
  const isHead = row?.parentElement.matches("[data-group]");
  const own = isHead ? row.dataset.node : "root";
  if (group && !isHead) send(`${op}:${group}:${row.dataset.node}`);
  else if (document.getElementById(own)) send(`${op}:${own}`);
}

function plain(event) {
  if (event.target.matches(`${WRITING}, select`)) return null;
  const node = nodeOf(event.target);
  if (event.key === "?") return () => document.getElementById("editor-keys").togglePopover();
  if (PANELS[event.key]) return () => document.querySelector(`[data-panel="${PANELS[event.key]}"]`)?.click();
  if (event.key === "Delete" && node && !isOutermost(node)) return () => send(`delete:${node}`);
  const step = STEPS[event.key];
  return step && node && event.target.matches("button") ? () => walk(event.target, node, step) : null;
}

function walk(from, node, step) {
  const rows = [...document.querySelectorAll("#build [data-node]")].filter((row) => !row.closest("[hidden]"));
  const next = rows[rows.findIndex((row) => row.dataset.node === node) + step];
  const control = next?.querySelector(from.matches(".lr-rowmenu") ? ".lr-rowmenu" : "button.lr-pick, select");
  (control ?? next?.querySelector("select, button"))?.focus();
}

const isOutermost = (node) => node.endsWith("root");

function nodeOf(target) {
  return target.closest("#build [data-node]")?.dataset.node;
}
