"""The test cases of a rule: run, written by hand, saved from events, imported and exported."""

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.authoring.tree.edit_result import EditRefused
from engine.documents.condition_places import trigger_events
from webapp.http.access import Role, actor, allow
from webapp.pages.document_text import written
from webapp.pages.drafts import test_case_forms
from webapp.pages.drafts.blueprint import begin_draft_or_404, blueprint, draft_or_404, icon_of, tabs
from webapp.pages.drafts.test_case_forms import TestCaseForm
from webapp.pages.drafts.view_models import CasePage, CasesPage
from webapp.pages.layout import database, may
from webapp.services.drafts import draft_editing, edit_test_cases, run_test_cases, sample_trial, test_case_files
from webapp.services.drafts.edit_test_cases import NewTestCase
from webapp.services.drafts.sample_trial import TrialInput
from webapp.store.rules import sample_events, test_cases
from webapp.store.rules.drafts import Draft
from webapp.store.rules.test_cases import TestCase
from webapp.store.system.connection import Connection

RECENT = 5


@blueprint.get("/<key>/cases")
@allow(role=Role.VIEWER)
def cases(key: str) -> ResponseReturnValue:
    """All test cases with their results as of now, and recent events to save as test cases."""
    with database() as conn:
        return _page(conn, draft_or_404(conn, key))


def _page(conn: Connection, draft: Draft, refused: str = "") -> str:
    catalogue = draft_editing.catalogue_for(conn, draft.document)
    view = CasesPage(
        draft=draft,
        icon=icon_of(draft),
        tabs=tabs(conn, draft, "Test cases"),
        results=run_test_cases.run_cases(conn, draft.key, draft.content),
        labels={path: fact.label for path in _paths(conn, draft.key) if (fact := catalogue.fact(path))},
        recent=sample_events.recent_events(conn, trigger_events(draft.document), RECENT),
        refused=refused,
        may_write=may(Role.AUTHOR),
    )
    return render_template("drafts/cases.html", view=view)


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
    """One test case to edit."""
    with database() as conn:
        draft, stored = draft_or_404(conn, key), _case(conn, key, number)
        catalogue = draft_editing.catalogue_for(conn, draft.document)
        form = test_case_forms.blank_form(draft, catalogue, stored.given, stored.name, expected=stored.expected)
        return _form_page(conn, draft, form, stored)


def _form_page(conn: Connection, draft: Draft, form: TestCaseForm, stored: TestCase | None) -> str:
    view = CasePage(
        draft=draft,
        icon=icon_of(draft),
        tabs=tabs(conn, draft, "Test cases"),
        form=form,
        case=stored,
        facts=draft_editing.catalogue_for(conn, draft.document).facts(),
    )
    return render_template("drafts/case.html", view=view)


def _case(conn: Connection, key: str, number: int) -> TestCase:
    return test_cases.case(conn, key, number) or abort(404)


@blueprint.post("/<key>/cases")
@allow(role=Role.AUTHOR)
def add_case(key: str) -> ResponseReturnValue:
    """Save a test case that was written by hand."""
    return _save_form(key, None)


@blueprint.post("/<key>/cases/<int:number>")
@allow(role=Role.AUTHOR)
def change_case(key: str, number: int) -> ResponseReturnValue:
    """Change a test case."""
    return _save_form(key, number)


def _save_form(key: str, number: int | None) -> ResponseReturnValue:
    with database() as conn:
        draft = begin_draft_or_404(conn, key)
        stored = None if number is None else _case(conn, key, number)
        catalogue = draft_editing.catalogue_for(conn, draft.document)
        submitted = test_case_forms.read_form(draft, catalogue, request.form)
        if isinstance(submitted, TestCaseForm):
            return _form_page(conn, draft, submitted, stored), 422
        try:
            edit_test_cases.save_test_case(conn, draft, submitted, actor(), stored)
        except EditRefused as refused:
            form = test_case_forms.form_with_error(draft, catalogue, submitted, str(refused))
            return _form_page(conn, draft, form, stored), 422
    return redirect(url_for(".cases", key=key), 303)


@blueprint.post("/<key>/cases/<int:number>/removal")
@allow(role=Role.AUTHOR)
def remove_case(key: str, number: int) -> ResponseReturnValue:
    """Delete a test case; the audit log keeps it."""
    with database() as conn:
        edit_test_cases.delete_test_case(conn, _case(conn, key, number), actor())
    return redirect(url_for(".cases", key=key), 303)


@blueprint.post("/<key>/cases/from-event/<int:seq>")
@allow(role=Role.AUTHOR)
def save_event(key: str, seq: int) -> ResponseReturnValue:
    """Save an event as a test case; the verdict of now becomes the expected one."""
    with database() as conn:
        draft, applied = begin_draft_or_404(conn, key), sample_events.applied_entry(conn, seq) or abort(404)
        result = sample_trial.try_draft(conn, draft.document, draft.tree, TrialInput(event=seq)) or abort(404)
        property_facts = {f"event.properties.{name}": value for name, value in applied.entry.properties.items()}
        document = draft_editing.document_of(draft)
        given = run_test_cases.test_case_input(
            document, applied.entry.type, {**property_facts, **result.facts}, list(property_facts)
        )
        if result.marks.unfinished:
            return _page(conn, draft, f"Finish the conditions first. {result.marks.unfinished}"), 422
        name = f"{applied.entry.type.replace('_', ' ')} {seq}"
        try:
            edit_test_cases.save_test_case(conn, draft, NewTestCase(name, given, result.verdict), actor())
        except EditRefused as refused:
            return _page(conn, draft, str(refused)), 422
    flash(f"Test case “{name}” saved. Expected: {'match' if result.verdict else 'no match'}.", "good")
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
    """Import test cases from a file or from pasted text."""
    with database() as conn:
        draft, file = begin_draft_or_404(conn, key), request.files.get("file")
        body = file.read(test_case_files.BYTES_MAX + 1) if file else request.form.get("text", "").encode()
        try:
            new, changed = edit_test_cases.import_file(conn, draft, body, actor())
        except EditRefused as refused:
            conn.rollback()
            return _page(conn, draft_or_404(conn, key), str(refused)), 422
    flash(f"Imported: {new} new, {changed} changed.", "good")
    return redirect(url_for(".cases", key=key), 303)
