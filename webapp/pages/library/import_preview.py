"""Importing rule documents: a preview of the changes, then the documents are saved as drafts or published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.authoring.tree.edit_result import EditRefused
from engine.documents.condition_places import trigger_events
from engine.rules.rule_sentence import rule_sentence
from engine.vocabulary.fact import Catalogue
from engine.vocabulary.problem import Problem
from webapp.http.access import Role, actor, allow
from webapp.pages import icons
from webapp.pages.drafts.version_views import VersionDifference, compare_contents
from webapp.pages.layout import database
from webapp.pages.library import adoption
from webapp.pages.library.adoption import OTHER, SAME, ComparedDocument
from webapp.pages.library.blueprint import blueprint
from webapp.pages.library.json_text import JsonFlaw, parse_json
from webapp.services.drafts import draft_editing
from webapp.services.drafts.edit_steps import apply_edit
from webapp.services.publishing import publish
from webapp.services.publishing.adopt_documents import adopt_documents
from webapp.store.events import seen_properties
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One document of the file: its sentence, whether it is new, and what would change."""

    document: Mapping[str, Any]
    state: str
    sentence: str
    icon: str
    difference: VersionDifference | None


@dataclass(frozen=True, slots=True)
class ImportPage:
    """The form to import a file; after a check either its flaws or a preview of the changes."""

    text: str
    flaws: Sequence[JsonFlaw]
    lines: Sequence[ImportLine]
    may_publish: bool

    def count(self, state: str) -> int:
        """How many documents of the file are in this state."""
        return sum(line.state == state for line in self.lines)

    @property
    def has_changes(self) -> bool:
        """Whether an import would change anything."""
        return self.count(SAME) < len(self.lines)


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """The documents of a file, or what is wrong with it."""

    documents: Sequence[dict[str, Any]]
    flaws: Sequence[JsonFlaw]


@blueprint.get("/rules/import-file")
@allow(role=Role.AUTHOR)
def show_import() -> ResponseReturnValue:
    """The form to choose a file or paste text."""
    return _page("")


@blueprint.post("/rules/import-file")
@allow(role=Role.AUTHOR)
def preview_import() -> ResponseReturnValue:
    """A preview of the changes; nothing is written."""
    try:
        source = _source()
    except EditRefused as refused:
        return _page("", [JsonFlaw(str(refused), "", 0, 0, 1)]), 422
    with database() as conn:
        checked = check_file(conn, source)
        if checked.flaws:
            return _page(source, checked.flaws), 422
        may_publish = adoption.may_publish(conn, is_own=False)
        return _page(source, (), _lines(conn, checked.documents), may_publish=may_publish)


@blueprint.post("/rules/imports")
@allow(role=Role.AUTHOR)
def take_import() -> ResponseReturnValue:
    """Import the documents, all of them or none."""
    source, is_live = _pasted(), "publish" in request.form
    with database() as conn:
        if is_live and not adoption.may_publish(conn, is_own=False):
            abort(403)
        checked = check_file(conn, source)
        if checked.flaws:
            return _page(source, checked.flaws), 422
        result = adopt_documents(conn, checked.documents, actor(), is_live=is_live)
        if result.problems:
            return _page(source, parse_json(source).marked(result.problems)), 422
    adoption.start_pending(result)
    adoption.announce(result, is_live=is_live)
    return redirect(url_for("rules.show", status=None if is_live else "draft"), 303)


def _source() -> str:
    file = request.files.get("file")
    if file is None or not file.filename:
        return _pasted()
    try:
        text: str = file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise EditRefused("This file is not UTF-8 text") from None
    return text


def _pasted() -> str:
    return request.form.get("text", "").replace("\r\n", "\n")


def check_file(conn: Connection, source: str) -> CheckedFile:
    """Check a text: a list of rule documents, or a single one."""
    text = parse_json(source)
    if text.flaws:
        return CheckedFile((), text.flaws)
    if not isinstance(text.value, list):
        problems, _ = publish.check_documents(conn, [text.value], publish=False)
        single = [Problem(problem.path.removeprefix("/0"), problem.message) for problem in problems]
        return CheckedFile([text.value], text.marked(single))
    if not text.value:
        return CheckedFile((), text.marked([Problem("", "The file contains no rules")]))
    problems, _ = publish.check_documents(conn, text.value, publish=False)
    return CheckedFile(text.value, text.marked(problems))


def _lines(conn: Connection, documents: Sequence[dict[str, Any]]) -> list[ImportLine]:
    in_use = rule_versions.documents_beside(conn, with_drafts=True)
    catalogue = Catalogue.from_documents([*in_use, *documents], seen_properties.seen(conn))
    return [_line(conn, compared, catalogue) for compared in adoption.compare_documents(conn, documents)]


def _line(conn: Connection, compared: ComparedDocument, catalogue: Catalogue) -> ImportLine:
    sentence = rule_sentence(compared.document, catalogue)
    icon = icons.of_rule(compared.document)
    rule = rule_versions.rule(conn, compared.document["key"]) if compared.state == OTHER else None
    if rule is None:
        return ImportLine(compared.document, compared.state, sentence, icon, None)
    before = draft_editing.content_of_version(conn, rule, rule.latest_version)
    rule_catalogue = catalogue.for_events(trigger_events(compared.document))
    after = apply_edit(before, {"op": "set_document", "document": compared.document}, rule_catalogue).content
    return ImportLine(compared.document, compared.state, sentence, icon, compare_contents(before, after, catalogue))


def _page(
    source: str, flaws: Sequence[JsonFlaw] = (), lines: Sequence[ImportLine] = (), *, may_publish: bool = False
) -> str:
    return render_template("library/import.html", view=ImportPage(source, flaws, lines, may_publish=may_publish))
