"""A draft tried on one case, and saved as a test case; history replayed against it, shown and stopped."""

from dataclasses import replace
from itertools import chain, count

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.authoring.tree.edit_refused import EditRefused
from engine.language.parse import parse
from webapp.http import htmx
from webapp.http.access import Role, actor, allow, settings
from webapp.pages.editor.context import draft_or_preview
from webapp.pages.formats import humane
from webapp.pages.layout import database
from webapp.pages.tryout import case_choice as choosing
from webapp.pages.tryout.history import backtest_request, history_panel
from webapp.pages.tryout.sample import SamplePanel, sample_panel
from webapp.services.backtest import backtest_job
from webapp.services.drafts import draft_editing, run_test_cases
from webapp.services.drafts.edit_steps import whole_document
from webapp.services.drafts.test_case_files import CASES_MAX
from webapp.store.people import audit
from webapp.store.rules import backtests, test_cases
from webapp.store.rules.drafts import Draft
from webapp.store.system.connection import Connection

blueprint = Blueprint("tryout", __name__, url_prefix="/rules")


@blueprint.get("/<key>/sample")
@allow(role=Role.AUTHOR)
def sample(key: str) -> ResponseReturnValue:
    """The draft tried on what was chosen last, with the marks of its rows for the Build page."""
    with database() as conn:
        return _sample(_tried(conn, _draft(conn, key)))


@blueprint.post("/<key>/sample")
@allow(role=Role.AUTHOR)
def choose(key: str) -> ResponseReturnValue:
    """Try it on something else, with other values, as of another moment or zone."""
    with database() as conn:
        draft = _draft(conn, key)
        before = _tried(conn, draft)
        try:
            shown = before.tried.facts if before.tried else {}
            choosing.remember(key, choosing.read_choice(request.form, before.chosen, shown, before.catalogue))
        except EditRefused as refused:
            return _sample(before, str(refused)), 422
        return _sample(_tried(conn, draft)) if htmx.wants_fragment() else _to_panel(key, "sample")


@blueprint.post("/<key>/sample/case")
@allow(role=Role.AUTHOR)
def save_case(key: str) -> ResponseReturnValue:
    """Keep what is tried as a test case that expects what the rule says now."""
    with database() as conn:
        draft = draft_editing.open_draft(conn, key, actor()) or abort(404)
        shown = _tried(conn, draft)
        refused = _unfit(conn, draft, shown)
        if refused or shown.tried is None:
            return _sample(shown, refused), 422
        given = run_test_cases.test_case_input(
            whole_document(draft.document, draft.tree), shown.tried.kind, shown.tried.facts, ()
        )
        name = _free_name(conn, key, shown)
        test_cases.add(conn, key, name, given, expected=shown.tried.verdict, by=actor())
        after = {"name": name, "given": given, "expected": shown.tried.verdict}
        audit.note(conn, actor(), "test_case.kept", key, after=after)
        run_test_cases.run_and_store_verdicts(conn, draft)
        conn.commit()
        said = f"Saved “{name}”: it shall {'match' if shown.tried.verdict else 'not match'}."
        if htmx.wants_fragment():
            return _sample(_tried(conn, draft), said=said)
        flash(said, "good")
        return _to_panel(key, "sample")


@blueprint.get("/<key>/history")
@allow(role=Role.AUTHOR)
def history(key: str) -> ResponseReturnValue:
    """The last backtest of the draft, and the one that goes on."""
    with database() as conn:
        draft = _draft(conn, key)
        shown = history_panel(conn, draft, request.args.get("cases", ""))
        return htmx.render("tryout/history.html", "tryout/_history.html", it=shown, draft=draft)


@blueprint.post("/<key>/history")
@allow(role=Role.AUTHOR)
def replay(key: str) -> ResponseReturnValue:
    """Replay history against the draft as it is now, in the place of a backtest that goes on."""
    with database() as conn:
        draft = _draft(conn, key)
        trouble = history_panel(conn, draft).trouble
        if not trouble:
            job = backtest_job.start(conn, backtest_request(draft, request.form.get("days", "")), actor())
            conn.commit()
            backtest_job.call(settings(), job)
    return _to_history(key)


@blueprint.post("/<key>/history/stop")
@allow(role=Role.AUTHOR)
def stop(key: str) -> ResponseReturnValue:
    """Stop the backtest that goes on."""
    with database() as conn:
        backtests.cancel(conn, key)
        conn.commit()
    return _to_history(key)


def _draft(conn: Connection, key: str) -> Draft:
    return draft_or_preview(conn, key, actor()) or abort(404)


def _tried(conn: Connection, draft: Draft) -> SamplePanel:
    return sample_panel(conn, draft, draft_editing.catalogue_for(conn, draft.document))


def _sample(shown: SamplePanel, trouble: str = "", said: str = "") -> str:
    told = replace(shown, is_beside_rows=htmx.wants_fragment(), trouble=trouble or shown.trouble)
    return htmx.render("tryout/sample.html", "tryout/_sample.html", it=told, said=said)


def _unfit(conn: Connection, draft: Draft, shown: SamplePanel) -> str:
    """Why what is tried cannot be a test case; empty where it can."""
    if shown.tried is None:
        return "What it was tried on is gone"
    condition = run_test_cases.condition_of(whole_document(draft.document, draft.tree))
    if condition is not None and parse(condition)[0] is None:
        return "Mend the conditions first"
    many = len(test_cases.cases_of(conn, draft.key))
    return f"A rule has at most {CASES_MAX} test cases" if many >= CASES_MAX else ""


def _to_panel(key: str, panel: str) -> ResponseReturnValue:
    return redirect(f"{url_for('editor.build', key=key, panel=panel)}#preview", 303)


def _to_history(key: str) -> ResponseReturnValue:
    if htmx.wants_fragment():
        return redirect(url_for(".history", key=key), 303)
    return _to_panel(key, "history")


def _free_name(conn: Connection, key: str, shown: SamplePanel) -> str:
    """What happened and what shall come of it, never who it was: the name outlives the player."""
    kind = shown.tried.kind if shown.tried else ""
    plain = f"{humane(kind).capitalize() if kind else 'Values'}, {'match' if shown.is_match else 'no match'}"
    taken = {each.name for each in test_cases.cases_of(conn, key)}
    numbered = (f"{plain} {number}" for number in count(2))
    return next(each for each in chain([plain], numbered) if each not in taken)
