"""The Build page: opened, edited by its form with or without scripts, and what it asks for in between."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.authoring.tree.conditions import NODE, draft_conditions
from engine.authoring.tree.edit_refused import EditRefused
from engine.vocabulary.fact import Catalogue
from webapp.http import htmx
from webapp.http.access import Role, actor, allow
from webapp.pages.editor import edits, links
from webapp.pages.editor.context import EditorContext, draft_or_preview
from webapp.pages.editor.fact_picker import catalogue_at, fact_groups
from webapp.pages.editor.form_snapshot import form_snapshot
from webapp.pages.editor.kinds import kind_cards
from webapp.pages.editor.query import EditorQuery
from webapp.pages.editor.view import PANELS, build_page, presence_view
from webapp.pages.layout import database
from webapp.services.drafts import draft_editing
from webapp.store.rules import drafts
from webapp.store.rules.drafts import Draft
from webapp.store.system.connection import Connection

NODE_LENGTH_MAX = 80
blueprint = Blueprint("editor", __name__, url_prefix="/rules")


@blueprint.get("/new-rule")
@allow(role=Role.AUTHOR)
def new() -> ResponseReturnValue:
    """The kinds of rules to begin with, and templates."""
    return render_template("editor/new.html", groups=kind_cards(), gallery=links.address("library.gallery"))


@blueprint.post("/new-rule")
@allow(role=Role.AUTHOR)
def begin() -> ResponseReturnValue:
    """Begin a rule of a kind."""
    with database() as conn:
        try:
            draft = draft_editing.new_draft(conn, request.form.get("kind", ""), actor())
        except EditRefused:
            abort(400)
        conn.commit()
    return redirect(url_for(".build", key=draft.key), 303)


@blueprint.get("/<key>/edit")
@allow(role=Role.AUTHOR)
def build(key: str) -> ResponseReturnValue:
    """The rule as its draft says it, or as it would begin; reading begins none."""
    asked = EditorQuery(request.args.get("opened", ""), _panel(), folded=_folded())
    with database() as conn:
        draft = draft_or_preview(conn, key, actor()) or abort(404)
        return _page(conn, draft, asked, EditorContext.of(conn))


@blueprint.post("/<key>/edit")
@allow(role=Role.AUTHOR)
def edit(key: str) -> ResponseReturnValue:
    """Make the edits of a sent form; the answer is the page anew, or only what stands in it for scripts."""
    with database() as conn:
        draft = draft_editing.open_draft(conn, key, actor()) or abort(404)
        around = EditorContext.of(conn)
        done = edits.apply_form(conn, draft, request.form, actor(), around)
        present = draft_editing.presence(conn, done.draft.id, actor(), _node(done.focus.rpartition("-")[0]))
        told = (done.typed, done.focus, done.said, done.others)
        asked = EditorQuery(done.opened, _panel(), *told, present, htmx.wants_fragment(), done.folded)
        conn.commit()
        if not htmx.wants_fragment() and not done.typed:
            return _back(done.draft, asked)
        page = _page(conn, done.draft, asked, around)
    return page, 422 if done.typed else 200


@blueprint.post("/<key>/edit/presence")
@allow(role=Role.AUTHOR)
def be_present(key: str) -> ResponseReturnValue:
    """Say in which row one is; the answer names who else is where, and is the whole page once they changed it."""
    with database() as conn:
        draft = drafts.of_rule(conn, key) or abort(404)
        present = draft_editing.presence(conn, draft.id, actor(), _node(request.form.get("node", "")))
        conn.commit()
        if request.form.get("revision") == str(draft.revision):
            return htmx.fragment_response(
                render_template("editor/_present.html", it=presence_view(conn, draft, present))
            )
        others = "" if draft.updated_by == actor() else draft.updated_by
        asked = EditorQuery(panel=_panel(), others=others, present=present, is_part=True, folded=_folded())
        page = build_page(conn, draft, asked, EditorContext.of(conn))
    whole = render_template("editor/_editor.html", it=page, seen="", picks=[])
    return htmx.fragment_response(whole, into="#editor", swap="morph")


@blueprint.get("/<key>/edit/facts")
@allow(role=Role.AUTHOR)
def pick(key: str) -> ResponseReturnValue:
    """The facts that this rule may ask about, or the row that the address names `at`, for the list beside it."""
    with database() as conn:
        draft = draft_or_preview(conn, key, actor()) or abort(404)
        known = EditorContext.of(conn).catalogue_of(draft.document)
        groups = fact_groups(draft, catalogue_at(draft, request.args.get("at", ""), known))
    return render_template("editor/_picks.html", groups=groups)


def _node(named: str) -> str | None:
    """The node of this id; None for what is none."""
    return named if len(named) <= NODE_LENGTH_MAX and NODE.fullmatch(named) else None


def _panel() -> str:
    asked = request.values.get("panel", "")
    return asked if asked in PANELS else _usual_panel()


def _usual_panel() -> str:
    return PANELS[0] if links.has_endpoint("tryout.sample") else PANELS[-1]


def _folded() -> frozenset[str]:
    return frozenset(request.values.get("folded", "").split())


def _page(conn: Connection, draft: Draft, asked: EditorQuery, around: EditorContext) -> str:
    page = build_page(conn, draft, asked, around)
    is_listed = asked.opened and not htmx.wants_fragment()
    known = around.catalogue_of(draft.document)
    picks = fact_groups(draft, catalogue_at(draft, asked.opened, known)) if is_listed else []
    return htmx.render("editor/page.html", "editor/_editor.html", it=page, seen=form_snapshot(page), picks=picks)


def _back(draft: Draft, asked: EditorQuery) -> ResponseReturnValue:
    if asked.others:
        flash(f"{asked.others.partition('@')[0]} changed this draft. {asked.said}", "message")
    panel = asked.panel if asked.panel != _usual_panel() else None
    trees = [each.tree for each in draft_conditions(draft.document, draft.tree, Catalogue())]
    folded = " ".join(sorted(asked.folding_of(trees).groups)) or None
    address = url_for(".build", key=draft.key, opened=asked.opened or None, panel=panel, folded=folded)
    return redirect(f"{address}#{asked.focus}" if asked.focus else address, 303)
