"""The JSON tab: a rule as JsonLogic or as its whole document, checked while it is typed, applied to the builder."""

from dataclasses import asdict, dataclass
from typing import Any

from flask import Response, abort, flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from engine.authoring.forms.forms import tree_pointer
from engine.authoring.tree.conditions import draft_conditions
from engine.authoring.tree.edit_refused import EditRefused
from engine.authoring.tree.nodes import LogicBlock, walk
from engine.documents.fields import member_at
from webapp.http.access import Role, actor, allow
from webapp.pages import icons
from webapp.pages.document_text import in_order, written
from webapp.pages.drafts.blueprint import draft_or_404, tabs
from webapp.pages.layout import database, may
from webapp.pages.library.blueprint import blueprint
from webapp.pages.library.json_text import JsonFlaw
from webapp.pages.library.lint import lint_text, views_of
from webapp.pages.rules.list_rows import edit_address
from webapp.services.drafts import draft_editing
from webapp.services.drafts.draft_editing import DraftMoved
from webapp.store.rules import drafts, rule_versions
from webapp.store.rules.drafts import Draft
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class JsonTab:
    """What the tab is about: the document of the draft, or of the newest version where nobody has begun one."""

    key: str
    document: dict[str, Any]
    draft: Draft | None

    @property
    def kind(self) -> str:
        """The kind of the rule."""
        return str(self.document["kind"])

    def text(self, view: str) -> str:
        """What the editor begins with."""
        at = tree_pointer(self.kind) if view == "logic" else None
        return written(member_at(self.document, at) if at else in_order(self.document))


@blueprint.get("/rules/<key>/json")
@allow(role=Role.VIEWER)
def json_tab(key: str) -> ResponseReturnValue:
    """The rule as JSON, to read or to change."""
    with database() as conn:
        shown = _shown(conn, key)
        return _page(conn, shown, _view(shown))


@blueprint.post("/rules/<key>/json")
@allow(role=Role.AUTHOR)
def apply_json(key: str) -> ResponseReturnValue:
    """Let the builder say what the JSON says; with a flaw nothing changes, and the text stays as it was typed."""
    source = _source()
    with database() as conn:
        shown = _shown(conn, key)
        view = _view(shown)
        looked = lint_text(conn, shown.document, view, source)
        if looked.flaws or looked.document is None:
            return _page(conn, shown, view, source, looked.flaws), 422
        try:
            edit = _applied(conn, shown, looked.document)
        except (DraftMoved, EditRefused) as reason:
            return _page(conn, shown, view, source, (JsonFlaw(str(reason), "", 0, 0, 1),)), 422
        conn.commit()
    _tell(edit)
    return redirect(edit_address(edit.draft.key), 303)


@blueprint.post("/rules/<key>/json/flaws")
@allow(role=Role.AUTHOR)
def find_flaws(key: str) -> Response:
    """What is wrong with a text that is being typed, each flaw with its place; nothing is changed."""
    source = _source()
    with database() as conn:
        shown = _shown(conn, key)
        looked = lint_text(conn, shown.document, _view(shown), source)
    return jsonify([asdict(flaw) for flaw in looked.flaws])


def _source() -> str:
    """The text as it was typed; forms send every line end as two signs."""
    return request.form.get("text", "").replace("\r\n", "\n")


def _shown(conn: Connection, key: str) -> JsonTab:
    draft = drafts.of_rule(conn, key)
    if draft is not None:
        return JsonTab(key, draft_editing.document_of(draft), draft)
    rule = rule_versions.rule(conn, key) or abort(404)
    newest = rule_versions.versions_of(conn, key)[0][1]
    assert newest["kind"] == rule.kind
    return JsonTab(key, newest, None)


def _view(shown: JsonTab) -> str:
    asked = request.values.get("view", "")
    return asked if asked in views_of(shown.kind) else views_of(shown.kind)[0]


def _applied(conn: Connection, shown: JsonTab, document: dict[str, Any]) -> draft_editing.EditedDraft:
    draft = shown.draft or draft_editing.open_draft(conn, shown.key, actor())
    assert draft is not None, "the rule was there a moment ago, and rules are never removed"
    seen = request.form.get("revision", type=int, default=draft.revision)
    return draft_editing.edit(conn, draft.id, seen, {"op": "set_document", "document": document}, actor())


def _tell(edit: draft_editing.EditedDraft) -> None:
    """Say what came of it; what no row can say is said too."""
    blocks = sum(isinstance(node, LogicBlock) for node in walk(edit.draft.tree))
    others = f" {edit.others} changed it in between; this came after." if edit.others else ""
    kept = f" {blocks} {'part stands' if blocks == 1 else 'parts stand'} as a locked block: no row can say it."
    flash(f"{edit.said}.{kept if blocks else ''}{others}", "good")


def _page(
    conn: Connection, shown: JsonTab, view: str, source: str | None = None, flaws: tuple[JsonFlaw, ...] = ()
) -> str:
    draft = draft_or_404(conn, shown.key)
    conditions = draft_conditions(draft.document, draft.tree, draft_editing.catalogue_for(conn, draft.document))
    return render_template(
        "library/json.html",
        it=shown,
        draft=draft,
        sign=icons.of_rule(draft.document),
        rule=rule_versions.rule(conn, shown.key),
        view=view,
        views=views_of(shown.kind),
        text=shown.text(view) if source is None else source,
        flaws=flaws,
        is_muted=any(node.is_muted for part in conditions for node in walk(part.tree)),
        tabs=tabs(conn, draft, "JSON"),
        may_edit=may(Role.AUTHOR),
    )
