// data-json: the textarea of the JSON tab becomes an editor; what is typed is checked by the server, at its places.
import * as cm from "../vendor/codemirror-6.43.15/codemirror.min.js";
import { look } from "./json_look.js";

const DELAY = 400;

for (const form of document.querySelectorAll("[data-json]")) begin(form);

function begin(form) {
  const area = form.querySelector("textarea");
  const host = document.createElement("div");
  // In a shadow root the editor adopts its style sheets, which a strict policy allows; a style element it would not.
  const root = host.attachShadow({ mode: "open" });
  const isFixed = form.dataset.jsonReadonly === "yes";
  const view = new cm.EditorView({
    root,
    parent: root,
    state: cm.EditorState.create({ doc: area.value, extensions: extensions(form, area, isFixed) }),
  });
  area.hidden = true;
  area.after(host);
  let saved = area.value;
  form.addEventListener("submit", () => (area.value = saved = view.state.doc.toString()));
  window.addEventListener("beforeunload", (event) => {
    if (saved !== view.state.doc.toString()) event.preventDefault();
  });
  list(form).addEventListener("click", (event) => jump(event, view));
  if (!isFixed) cm.forceLinting(view);
}

function extensions(form, area, isFixed) {
  const keys = [...cm.defaultKeymap, ...cm.historyKeymap, ...cm.foldKeymap, ...cm.searchKeymap, ...cm.lintKeymap];
  return [
    cm.keymap.of([{ key: "Mod-Enter", run: () => (form.requestSubmit(), true) }, ...keys]),
    cm.lineNumbers(),
    cm.foldGutter(),
    cm.history(),
    cm.search({ top: true }),
    cm.bracketMatching(),
    cm.indentOnInput(),
    cm.highlightActiveLine(),
    cm.json(),
    cm.EditorView.lineWrapping,
    cm.EditorView.contentAttributes.of({ "aria-label": area.ariaLabel, spellcheck: "false", tabindex: "0" }),
    cm.EditorState.readOnly.of(isFixed),
    ...(isFixed ? [] : [cm.lintGutter(), cm.linter((view) => flaws(form, view), { delay: DELAY })]),
    ...look(cm),
  ];
}

async function flaws(form, view) {
  const text = view.state.doc.toString();
  const body = new FormData(form);
  body.set("text", text);
  const answer = await fetch(form.dataset.json, { method: "POST", body }).catch(() => null);
  if (!answer?.ok) {
    said(form, "Not checked: no answer");
    return [];
  }
  const found = await answer.json();
  if (view.state.doc.toString() === text) show(form, found);
  const length = view.state.doc.length;
  return found.map((flaw) => ({
    from: Math.min(flaw.start, length),
    to: Math.min(Math.max(flaw.end, flaw.start), length),
    severity: "error",
    message: flaw.message,
  }));
}

function show(form, found) {
  said(form, countOf(found));
  list(form).replaceChildren(...found.map(line));
}

function countOf(found) {
  if (found.length === 0) return "No problems";
  return found.length === 1 ? "1 problem" : `${found.length} problems`;
}

function line(flaw) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.at = flaw.start;
  button.textContent = `Line ${flaw.line}`;
  item.append(button, ` ${flaw.pointer} ${flaw.message}`);
  return item;
}

function jump(event, view) {
  const button = event.target.closest("[data-at]");
  if (!button) return;
  const anchor = Math.min(Number(button.dataset.at), view.state.doc.length);
  view.dispatch({ selection: { anchor }, scrollIntoView: true });
  view.focus();
}

function list(form) {
  return form.querySelector("[data-json-flaws]");
}

function said(form, text) {
  form.querySelector("[data-json-said]").textContent = text;
}
