"""The Build page: shown, edited by its form with or without scripts, and its requests in between."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.authoring.tree.conditions import NODE, draft_conditions
from engine.authoring.tree.edit_result import EditRefused
from engine.kinds import KINDS
from engine.vocabulary.fact import Catalogue
from webapp.http import htmx
from webapp.http.access import Role, actor, allow
from webapp.pages.editor import edits, links
from webapp.pages.editor.context import EditorContext, draft_or_preview
from webapp.pages.editor.fact_picker import catalogue_at, fact_groups, unreadable_facts
from webapp.pages.editor.form_snapshot import form_snapshot
from webapp.pages.editor.kinds import kind_cards
from webapp.pages.editor.query import EditorQuery
from webapp.pages.editor.view import PANELS, build_page, presence_view
from webapp.pages.layout import database
from webapp.services.drafts import draft_changes, draft_editing
from webapp.services.drafts.draft_editing import SingleRuleExists
from webapp.store.rules import drafts
from webapp.store.rules.drafts import Draft
from webapp.store.system.connection import Connection

NODE_LENGTH_MAX = 80
blueprint = Blueprint("editor", __name__, url_prefix="/rules")


@blueprint.get("/new-rule")
@allow(role=Role.AUTHOR)
def new() -> ResponseReturnValue:
    """The kinds of rules to begin with, and a link to templates."""
    with database() as conn:
        groups = kind_cards(draft_editing.only_rules(conn))
    return render_template("editor/new.html", groups=groups, gallery=links.address("library.gallery"))


@blueprint.post("/new-rule")
@allow(role=Role.AUTHOR)
def begin() -> ResponseReturnValue:
    """Begin a rule of a kind; of a kind of which there may be only one, open the one that there is."""
    with database() as conn:
        try:
            draft = draft_changes.begin_draft(conn, request.form.get("kind", ""), actor())
        except SingleRuleExists as existing:
            return redirect(url_for(".build", key=existing.key), 303)
        except EditRefused:
            abort(400)
    return redirect(url_for(".build", key=draft.key), 303)


@blueprint.get("/<key>/edit")
@allow(role=Role.AUTHOR)
def build(key: str) -> ResponseReturnValue:
    """The rule as its draft says it, or as a draft would begin; nothing is written."""
    query = EditorQuery(request.args.get("opened", ""), _panel(), noticed=_noticed(), folded=_folded())
    with database() as conn:
        draft = draft_or_preview(conn, key, actor()) or abort(404)
        return _page(conn, draft, query, EditorContext.of(conn))


@blueprint.post("/<key>/edit")
@allow(role=Role.AUTHOR)
def edit(key: str) -> ResponseReturnValue:
    """Make the edits of a submitted form; answers with the page, or for scripts only with its content."""
    with database() as conn:
        with draft_changes.edits_saved_together(conn, key, actor()) as draft:
            context = EditorContext.of(conn)
            outcome = edits.apply_form(conn, draft or abort(404), request.form, actor(), context)
            node = _node(outcome.focus.rpartition("-")[0])
            present = drafts.record_presence(conn, outcome.draft.key, actor(), node)
        query = EditorQuery(
            opened=outcome.opened,
            panel=_panel(),
            typed=outcome.typed,
            focus=outcome.focus,
            announcement=outcome.announcement,
            noticed=None if outcome.has_read_notice else _noticed(),
            present=present,
            is_part=htmx.wants_fragment(),
            folded=outcome.folded,
        )
        if not htmx.wants_fragment() and not outcome.typed:
            return _back(outcome.draft, query)
        page = _page(conn, outcome.draft, query, context)
    return page, 422 if outcome.typed else 200


@blueprint.post("/<key>/edit/presence")
@allow(role=Role.AUTHOR)
def be_present(key: str) -> ResponseReturnValue:
    """Record at which row somebody is; answers who else is where, or with the whole page once others changed it."""
    with database() as conn:
        draft = draft_or_preview(conn, key, actor()) or abort(404)
        present = draft_changes.record_presence(conn, draft.key, actor(), _node(request.form.get("node", "")))
        if request.form.get("revision") == str(draft.revision):
            return htmx.fragment_response(
                render_template("editor/_present.html", it=presence_view(conn, draft, present))
            )
        query = EditorQuery(panel=_panel(), noticed=_noticed(), present=present, is_part=True, folded=_folded())
        page = build_page(conn, draft, query, EditorContext.of(conn), actor())
    whole = render_template("editor/_editor.html", it=page, form_snapshot="", picks=[])
    return htmx.fragment_response(whole, into="#editor", swap="morph")


@blueprint.get("/<key>/edit/facts")
@allow(role=Role.AUTHOR)
def pick(key: str) -> ResponseReturnValue:
    """The facts that this rule, or the row that `at` names, may use, as the list to pick from."""
    with database() as conn:
        draft = draft_or_preview(conn, key, actor()) or abort(404)
        known = EditorContext.of(conn).catalogue_of(draft.document)
        facts = catalogue_at(draft, request.args.get("at", ""), known)
        groups, unreadable = fact_groups(draft, facts), unreadable_facts(draft, facts)
    return render_template("editor/_picks.html", groups=groups, unreadable=unreadable, kind=KINDS[draft.kind].name)


def _node(named: str) -> str | None:
    """The node of this id; None for what is none."""
    return named if len(named) <= NODE_LENGTH_MAX and NODE.fullmatch(named) else None


def _panel() -> str:
    query = request.values.get("panel", "")
    return query if query in PANELS else _usual_panel()


def _usual_panel() -> str:
    return PANELS[0] if links.has_endpoint("tryout.sample") else PANELS[-1]


def _noticed() -> int | None:
    """The revision up to which the sender was told what others changed: at first, the one that they were shown."""
    return edits.revision_named(request.values.get("noticed") or request.values.get("revision", ""))


def _folded() -> frozenset[str]:
    return frozenset(request.values.get("folded", "").split())


def _page(conn: Connection, draft: Draft, query: EditorQuery, context: EditorContext) -> str:
    page = build_page(conn, draft, query, context, actor())
    is_listed = query.opened and not htmx.wants_fragment()
    known = context.catalogue_of(draft.document)
    picks = fact_groups(draft, catalogue_at(draft, query.opened, known)) if is_listed else []
    # Only a browser without scripts sends the snapshot back.
    snapshot = "" if htmx.wants_fragment() else form_snapshot(page)
    return htmx.render("editor/page.html", "editor/_editor.html", it=page, form_snapshot=snapshot, picks=picks)


def _back(draft: Draft, query: EditorQuery) -> ResponseReturnValue:
    panel = query.panel if query.panel != _usual_panel() else None
    trees = [condition.tree for condition in draft_conditions(draft.document, draft.tree, Catalogue())]
    folded = " ".join(sorted(query.folding_of(trees).groups)) or None
    opened = query.opened or None
    address = url_for(".build", key=draft.key, opened=opened, panel=panel, folded=folded, noticed=query.noticed)
    return redirect(f"{address}#{query.focus}" if query.focus else address, 303)
