"""The JSON tab: a rule as JsonLogic or as a whole document, checked while somebody types, applied to the draft."""

from dataclasses import asdict, dataclass
from typing import Any

from flask import Response, abort, flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from engine.authoring.forms.forms import tree_pointer
from engine.authoring.tree.conditions import draft_conditions
from engine.authoring.tree.edit_result import EditRefused
from engine.authoring.tree.nodes import LogicBlock, walk
from engine.documents.fields import member_at
from webapp.http.access import Role, actor, allow
from webapp.pages import icons
from webapp.pages.document_text import in_order, written
from webapp.pages.drafts.blueprint import draft_or_404, tabs
from webapp.pages.editor.links import RuleTab
from webapp.pages.formats import counted
from webapp.pages.layout import database, may
from webapp.pages.library.blueprint import blueprint
from webapp.pages.library.json_text import JsonFlaw
from webapp.pages.library.lint import lint_text, views_of
from webapp.pages.rules.list_rows import edit_address
from webapp.services.drafts import draft_changes, draft_editing
from webapp.services.drafts.draft_editing import DraftMoved
from webapp.store.rules import drafts, rule_versions
from webapp.store.rules.drafts import Draft
from webapp.store.rules.rule_versions import StoredRule
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class JsonTab:
    """The rule on the tab: the document of the draft, or of the newest version if there is none."""

    key: str
    document: dict[str, Any]
    draft: Draft | None

    @property
    def kind(self) -> str:
        """The kind of the rule."""
        return str(self.document["kind"])

    def text(self, view: str) -> str:
        """The text that the editor starts with."""
        at = tree_pointer(self.kind) if view == "logic" else None
        return written(member_at(self.document, at) if at else in_order(self.document))


@dataclass(frozen=True, slots=True)
class JsonPage:
    """The tab with the text in its editor, as saved or as typed, and the flaws of that text.

    `draft` may be unsaved; `is_muted` says that the draft has muted rows, which the JSON leaves out.
    """

    tab: JsonTab
    draft: Draft
    icon: str
    tabs: list[RuleTab]
    rule: StoredRule | None
    chosen_view: str
    views: tuple[str, ...]
    text: str
    flaws: tuple[JsonFlaw, ...]
    is_muted: bool
    may_edit: bool


@blueprint.get("/rules/<key>/json")
@allow(role=Role.VIEWER)
def json_tab(key: str) -> ResponseReturnValue:
    """The rule as JSON, to read or to edit."""
    with database() as conn:
        tab = _tab(conn, key)
        return _page(conn, tab, _view(tab))


@blueprint.post("/rules/<key>/json")
@allow(role=Role.AUTHOR)
def apply_json(key: str) -> ResponseReturnValue:
    """Apply the JSON to the draft; with a flaw nothing changes, and the text stays as typed."""
    source = _source()
    with database() as conn:
        tab = _tab(conn, key)
        view = _view(tab)
        checked = lint_text(conn, tab.document, view, source)
        if checked.flaws or checked.document is None:
            return _page(conn, tab, view, source, checked.flaws), 422
        try:
            edit = _applied(conn, tab, checked.document)
        except (DraftMoved, EditRefused) as reason:
            return _page(conn, tab, view, source, (JsonFlaw(str(reason), "", 0, 0, 1),)), 422
    _announce(edit)
    return redirect(edit_address(edit.draft.key), 303)


@blueprint.post("/rules/<key>/json/flaws")
@allow(role=Role.AUTHOR)
def find_flaws(key: str) -> Response:
    """The flaws of a text that is being typed, each with its place; nothing is written."""
    source = _source()
    with database() as conn:
        tab = _tab(conn, key)
        checked = lint_text(conn, tab.document, _view(tab), source)
    return jsonify([asdict(flaw) for flaw in checked.flaws])


def _source() -> str:
    """The text as it was typed; forms submit every line end as two characters."""
    return request.form.get("text", "").replace("\r\n", "\n")


def _tab(conn: Connection, key: str) -> JsonTab:
    draft = drafts.of_rule(conn, key)
    if draft is not None:
        return JsonTab(key, draft_editing.document_of(draft), draft)
    rule = rule_versions.rule(conn, key) or abort(404)
    newest = rule_versions.versions_of(conn, key)[0][1]
    assert newest["kind"] == rule.kind
    return JsonTab(key, newest, None)


def _view(tab: JsonTab) -> str:
    view = request.values.get("view", "")
    return view if view in views_of(tab.kind) else views_of(tab.kind)[0]


def _applied(conn: Connection, tab: JsonTab, document: dict[str, Any]) -> draft_editing.EditedDraft:
    draft = tab.draft or draft_editing.open_draft(conn, tab.key, actor())
    assert draft is not None, "the rule was there a moment ago, and rules are never removed"
    return draft_changes.replace_document(conn, draft, request.form.get("revision", type=int), document, actor())


def _announce(edit: draft_editing.EditedDraft) -> None:
    """Say what was applied, and what rows cannot express."""
    blocks = sum(isinstance(node, LogicBlock) for node in walk(edit.draft.tree))
    block_note = f" {counted(blocks, 'part')} cannot be shown as rows and became locked blocks."
    flash(f"{edit.announcement}.{block_note if blocks else ''}", "good")


def _page(
    conn: Connection, tab: JsonTab, view: str, source: str | None = None, flaws: tuple[JsonFlaw, ...] = ()
) -> str:
    draft = draft_or_404(conn, tab.key)
    conditions = draft_conditions(draft.document, draft.tree, draft_editing.catalogue_for(conn, draft.document))
    page = JsonPage(
        tab=tab,
        draft=draft,
        icon=icons.of_rule(draft.document),
        rule=rule_versions.rule(conn, tab.key),
        chosen_view=view,
        views=views_of(tab.kind),
        text=tab.text(view) if source is None else source,
        flaws=flaws,
        is_muted=any(node.is_muted for part in conditions for node in walk(part.tree)),
        tabs=tabs(conn, draft, "JSON"),
        may_edit=may(Role.AUTHOR),
    )
    return render_template("library/json.html", view=page)
