"""The test cases of a rule: what each gives, what the rule says to it, and where they come from."""

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.authoring.tree.edit_refused import EditRefused
from engine.documents.condition_places import trigger_events
from engine.language.words.wording import value_text
from webapp.http.access import Role, actor, allow
from webapp.pages.document_text import written
from webapp.pages.drafts import test_case_forms
from webapp.pages.drafts.blueprint import begin_draft_or_404, blueprint, draft_or_404, icon_of, tabs
from webapp.pages.drafts.test_case_forms import SubmittedTestCase, TestCaseForm
from webapp.pages.layout import database, may
from webapp.services.drafts import draft_editing, run_test_cases, sample_trial, test_case_files
from webapp.services.drafts.sample_trial import TrialInput
from webapp.services.drafts.test_case_files import CASES_MAX
from webapp.store.people import audit
from webapp.store.rules import sample_events, test_cases
from webapp.store.rules.drafts import Draft
from webapp.store.rules.test_cases import TestCase
from webapp.store.system.connection import Connection

RECENT = 5


@blueprint.get("/<key>/cases")
@allow(role=Role.VIEWER)
def cases(key: str) -> ResponseReturnValue:
    """All test cases with what the rule says to them now, and recent events to save as one."""
    with database() as conn:
        return _page(conn, draft_or_404(conn, key))


def _page(conn: Connection, draft: Draft, refused: str = "") -> str:
    catalogue = draft_editing.catalogue_for(conn, draft.document)
    return render_template(
        "drafts/cases.html",
        draft=draft,
        sign=icon_of(draft),
        tabs=tabs(conn, draft, "Test cases"),
        ran=run_test_cases.run_cases(conn, draft.key, draft.content),
        labels={path: fact.label for path in _paths(conn, draft.key) if (fact := catalogue.fact(path))},
        plain=value_text,
        recent=sample_events.recent(conn, trigger_events(draft.document), RECENT),
        refused=refused,
        may_write=may(Role.AUTHOR),
    )


def _paths(conn: Connection, key: str) -> set[str]:
    return {path for case in test_cases.cases_of(conn, key) for path in case.given.get("facts") or {}}


@blueprint.get("/<key>/cases/new")
@allow(role=Role.AUTHOR)
def new_case(key: str) -> ResponseReturnValue:
    """An empty test case to write by hand."""
    with database() as conn:
        draft = draft_or_404(conn, key)
        form = test_case_forms.blank_form(
            draft, draft_editing.catalogue_for(conn, draft.document), {}, "", expected=True
        )
        return _form_page(conn, draft, form, None)


@blueprint.get("/<key>/cases/<int:number>")
@allow(role=Role.AUTHOR)
def case(key: str, number: int) -> ResponseReturnValue:
    """One test case to change."""
    with database() as conn:
        draft, found = draft_or_404(conn, key), _case(conn, key, number)
        catalogue = draft_editing.catalogue_for(conn, draft.document)
        form = test_case_forms.blank_form(draft, catalogue, found.given, found.name, expected=found.expected)
        return _form_page(conn, draft, form, found)


def _form_page(conn: Connection, draft: Draft, form: TestCaseForm, found: TestCase | None) -> str:
    return render_template(
        "drafts/case.html",
        draft=draft,
        sign=icon_of(draft),
        tabs=tabs(conn, draft, "Test cases"),
        form=form,
        case=found,
        facts=draft_editing.catalogue_for(conn, draft.document).facts(),
    )


def _case(conn: Connection, key: str, number: int) -> TestCase:
    return test_cases.case(conn, key, number) or abort(404)


@blueprint.post("/<key>/cases")
@allow(role=Role.AUTHOR)
def add_case(key: str) -> ResponseReturnValue:
    """Keep a test case that was written by hand."""
    return _keep(key, None)


@blueprint.post("/<key>/cases/<int:number>")
@allow(role=Role.AUTHOR)
def change_case(key: str, number: int) -> ResponseReturnValue:
    """Let a test case say something else."""
    return _keep(key, number)


def _keep(key: str, number: int | None) -> ResponseReturnValue:
    with database() as conn:
        draft = begin_draft_or_404(conn, key)
        found = None if number is None else _case(conn, key, number)
        catalogue = draft_editing.catalogue_for(conn, draft.document)
        made = test_case_forms.read_form(draft, catalogue, request.form)
        if isinstance(made, SubmittedTestCase):
            error = _stored(conn, draft, made, found)
            if not error:
                conn.commit()
                return redirect(url_for(".cases", key=key), 303)
            made = test_case_forms.form_with_error(draft, catalogue, made, error)
        return _form_page(conn, draft, made, found), 422


def _stored(conn: Connection, draft: Draft, made: SubmittedTestCase, found: TestCase | None) -> str:
    """Keep it; the answer says why it cannot be, empty where it could."""
    others = [each for each in test_cases.cases_of(conn, draft.key) if found is None or each.id != found.id]
    if any(each.name == made.name for each in others):
        return "Another test case has this name"
    if len(others) >= CASES_MAX:
        return f"A rule has at most {CASES_MAX} test cases"
    before = None if found is None else {"given": found.given, "expected": found.expected}
    if found is None:
        test_cases.add(conn, draft.key, made.name, made.given, expected=made.expected, by=actor())
    else:
        test_cases.change(conn, found, made.name, made.given, expected=made.expected)
    after = {"name": made.name, "given": made.given, "expected": made.expected}
    audit.note(conn, actor(), "test_case.kept", draft.key, before=before, after=after)
    run_test_cases.run_and_store_verdicts(conn, draft)
    return ""


@blueprint.post("/<key>/cases/<int:number>/removal")
@allow(role=Role.AUTHOR)
def remove_case(key: str, number: int) -> ResponseReturnValue:
    """Throw a test case away; the audit log keeps it."""
    with database() as conn:
        found = _case(conn, key, number)
        test_cases.remove(conn, key, number)
        before = {"name": found.name, "given": found.given, "expected": found.expected}
        audit.note(conn, actor(), "test_case.removed", key, before=before)
        conn.commit()
    return redirect(url_for(".cases", key=key), 303)


@blueprint.post("/<key>/cases/from-event/<int:seq>")
@allow(role=Role.AUTHOR)
def save_event(key: str, seq: int) -> ResponseReturnValue:
    """Keep an event as a test case: the rule shall go on saying to it what it says now."""
    with database() as conn:
        draft, found = begin_draft_or_404(conn, key), sample_events.applied(conn, seq) or abort(404)
        tried = sample_trial.try_draft(conn, draft.document, draft.tree, TrialInput(event=seq)) or abort(404)
        carried = {f"event.properties.{name}": value for name, value in found.entry.properties.items()}
        whole = draft_editing.document_of(draft)
        given = run_test_cases.test_case_input(whole, found.entry.type, {**carried, **tried.facts}, list(carried))
        name = f"{found.entry.type.replace('_', ' ')} {seq}"
        error = _stored(conn, draft, SubmittedTestCase(name, given, tried.verdict), None)
        if error:
            return _page(conn, draft, error), 422
        conn.commit()
    flash(f"Saved: the rule shall {'match' if tried.verdict else 'not match'} “{name}” from now on.", "good")
    return redirect(url_for(".cases", key=key), 303)


@blueprint.get("/<key>/cases.json")
@allow(role=Role.VIEWER)
def export_cases(key: str) -> ResponseReturnValue:
    """All test cases as a file."""
    with database() as conn:
        draft_or_404(conn, key)
        body = written(test_case_files.to_json(test_cases.cases_of(conn, key)))
    head = {"Content-Disposition": f'attachment; filename="{key}-cases.json"'}
    return Response(f"{body}\n", mimetype="application/json", headers=head)


@blueprint.post("/<key>/cases/import")
@allow(role=Role.AUTHOR)
def import_cases(key: str) -> ResponseReturnValue:
    """Take in test cases from a file or from text."""
    with database() as conn:
        draft, file = begin_draft_or_404(conn, key), request.files.get("file")
        body = file.read(test_case_files.BYTES_MAX + 1) if file else request.form.get("text", "").encode()
        try:
            new, changed = test_case_files.import_test_cases(conn, key, body, actor())
        except EditRefused as refused:
            conn.rollback()
            return _page(conn, draft_or_404(conn, key), str(refused)), 422
        run_test_cases.run_and_store_verdicts(conn, draft)
        conn.commit()
    flash(f"Taken in: {new} new, {changed} changed.", "good")
    return redirect(url_for(".cases", key=key), 303)
