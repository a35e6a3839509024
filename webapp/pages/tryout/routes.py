"""Trying a draft on one case and saving it as a test case; replaying history against it."""

from dataclasses import replace
from itertools import chain, count

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.authoring.tree.edit_result import EditRefused
from engine.language.parse import parse
from webapp.http import htmx
from webapp.http.access import Role, actor, allow, settings
from webapp.pages.editor.context import draft_or_preview
from webapp.pages.formats import humane
from webapp.pages.layout import database
from webapp.pages.tryout import case_choice as choosing
from webapp.pages.tryout.backtest_panel import backtest_request, history_panel
from webapp.pages.tryout.sample_panel import SamplePanel, sample_panel
from webapp.services.backtest import backtest_job
from webapp.services.drafts import draft_editing, edit_test_cases, run_test_cases
from webapp.services.drafts.edit_steps import whole_document
from webapp.services.drafts.edit_test_cases import NewTestCase
from webapp.services.drafts.test_case_files import CASES_MAX
from webapp.store.rules import test_cases
from webapp.store.rules.drafts import Draft
from webapp.store.system.connection import Connection

blueprint = Blueprint("tryout", __name__, url_prefix="/rules")


@blueprint.get("/<key>/sample")
@allow(role=Role.AUTHOR)
def sample(key: str) -> ResponseReturnValue:
    """The draft tried on the case chosen last, with the marks of its rows for the Build page."""
    with database() as conn:
        return _sample(_panel(conn, _draft(conn, key)))


@blueprint.post("/<key>/sample")
@allow(role=Role.AUTHOR)
def choose(key: str) -> ResponseReturnValue:
    """Try the draft on another case, with other values, or at another moment or in another time zone."""
    with database() as conn:
        draft = _draft(conn, key)
        panel_before = _panel(conn, draft)
        try:
            shown_facts = panel_before.trial.facts if panel_before.trial else {}
            choice = choosing.read_choice(request.form, panel_before.chosen, shown_facts, panel_before.catalogue)
            choosing.remember(draft, choice)
        except EditRefused as refused:
            return _sample(panel_before, str(refused)), 422
        return _sample(_panel(conn, draft)) if htmx.wants_fragment() else _to_panel(key, "sample")


@blueprint.post("/<key>/sample/case")
@allow(role=Role.AUTHOR)
def save_case(key: str) -> ResponseReturnValue:
    """Save the case as a test case; the verdict of now becomes the expected one."""
    with database() as conn:
        draft = draft_editing.open_draft(conn, key, actor()) or abort(404)
        panel = _panel(conn, draft)
        refused = _unfit(conn, draft, panel)
        if refused or panel.trial is None:
            return _sample(panel, refused), 422
        given = run_test_cases.test_case_input(
            whole_document(draft.document, draft.tree), panel.trial.kind, panel.trial.facts, ()
        )
        name = _free_name(conn, key, panel)
        edit_test_cases.save_test_case(conn, draft, NewTestCase(name, given, panel.trial.verdict), actor())
        message = f"Test case “{name}” saved. Expected: {'match' if panel.trial.verdict else 'no match'}."
        if htmx.wants_fragment():
            return _sample(_panel(conn, draft), message=message)
        flash(message, "good")
        return _to_panel(key, "sample")


@blueprint.get("/<key>/history")
@allow(role=Role.AUTHOR)
def history(key: str) -> ResponseReturnValue:
    """The last backtest of the draft, and the one that is running."""
    with database() as conn:
        draft = _draft(conn, key)
        panel = history_panel(conn, draft, request.args.get("cases", ""))
        return htmx.render("tryout/history.html", "tryout/_history.html", it=panel, draft=draft)


@blueprint.post("/<key>/history")
@allow(role=Role.AUTHOR)
def replay(key: str) -> ResponseReturnValue:
    """Start a backtest of the draft as it is now; one that is running is cancelled."""
    with database() as conn:
        draft = _draft(conn, key)
        trouble = history_panel(conn, draft).trouble
        if not trouble:
            backtest = backtest_request(draft, request.form.get("days", ""))
            backtest_job.start_and_call(settings(), conn, backtest, actor())
    return _to_history(key)


@blueprint.post("/<key>/history/stop")
@allow(role=Role.AUTHOR)
def stop(key: str) -> ResponseReturnValue:
    """Cancel the backtest that is running."""
    with database() as conn:
        backtest_job.cancel(conn, key)
    return _to_history(key)


def _draft(conn: Connection, key: str) -> Draft:
    return draft_or_preview(conn, key, actor()) or abort(404)


def _panel(conn: Connection, draft: Draft) -> SamplePanel:
    return sample_panel(conn, draft, draft_editing.catalogue_for(conn, draft.document))


def _sample(panel: SamplePanel, trouble: str = "", message: str = "") -> str:
    panel_with_state = replace(panel, is_beside_rows=htmx.wants_fragment(), trouble=trouble or panel.trouble)
    return htmx.render("tryout/sample.html", "tryout/_sample.html", it=panel_with_state, message=message)


def _unfit(conn: Connection, draft: Draft, panel: SamplePanel) -> str:
    """Why the case cannot become a test case; empty if it can."""
    if panel.trial is None:
        return "This sample no longer exists"
    if panel.unfinished:
        return "Finish the conditions first"
    condition = run_test_cases.condition_of(whole_document(draft.document, draft.tree))
    if condition is not None and parse(condition)[0] is None:
        return "Fix the conditions first"
    count = len(test_cases.cases_of(conn, draft.key))
    return f"A rule has at most {CASES_MAX} test cases" if count >= CASES_MAX else ""


def _to_panel(key: str, panel: str) -> ResponseReturnValue:
    return redirect(f"{url_for('editor.build', key=key, panel=panel)}#preview", 303)


def _to_history(key: str) -> ResponseReturnValue:
    if htmx.wants_fragment():
        return redirect(url_for(".history", key=key), 303)
    return _to_panel(key, "history")


def _free_name(conn: Connection, key: str, panel: SamplePanel) -> str:
    """A name from the event and the verdict, never from the player: the name outlives the player."""
    kind = panel.trial.kind if panel.trial else ""
    plain = f"{humane(kind).capitalize() if kind else 'Values'}, {'match' if panel.is_match else 'no match'}"
    taken = {case.name for case in test_cases.cases_of(conn, key)}
    numbered = (f"{plain} {number}" for number in count(2))
    return next(case for case in chain([plain], numbered) if case not in taken)
