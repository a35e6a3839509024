"""What is wrong with the JSON of a rule: with its form, with the document among the others, with its logic."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.authoring.forms.forms import tree_pointer
from engine.documents.fields import with_member
from engine.kinds import KINDS
from engine.vocabulary.problem import Problem
from webapp.pages.library.json_text import JsonFlaw, parse_json
from webapp.services.drafts.edit_steps import BYTES_MAX
from webapp.services.publishing import publish
from webapp.store.system.connection import Connection

VIEWS = ("document", "logic")


@dataclass(frozen=True, slots=True)
class LintResult:
    """A text that was looked through: the whole document that it makes, and its flaws; with any it is not applied."""

    document: dict[str, Any] | None
    flaws: tuple[JsonFlaw, ...]


def lint_text(conn: Connection, known: dict[str, Any], view: str, source: str) -> LintResult:
    """Look through a text as the whole document, or as the condition of the one that is known."""
    text = parse_json(source, BYTES_MAX)
    if text.flaws:
        return LintResult(None, text.flaws)
    at = tree_pointer(known["kind"]) if view == "logic" else ""
    document = with_member(known, at, text.value) if at else text.value
    problems = _problems(conn, known, document)
    return LintResult(document, tuple(text.marked(_seen_from(at or "", problems))))


def _problems(conn: Connection, known: dict[str, Any], document: Any) -> Sequence[Problem]:
    if not isinstance(document, dict):
        return [Problem("", "A rule document is an object: { … }")]
    if document.get("kind") != known["kind"]:
        return [Problem("/kind", f"The kind of this rule is “{known['kind']}”, and stays")]
    problems, _ = publish.check_documents(conn, [document], publish=False)
    return [Problem(each.path.removeprefix("/0"), each.message) for each in problems]


def _seen_from(at: str, problems: Sequence[Problem]) -> list[Problem]:
    """The problems as pointers into what is shown; one that lies elsewhere in the document says where."""
    if not at:
        return list(problems)
    inside = [each for each in problems if each.path == at or each.path.startswith(f"{at}/")]
    outside = [each for each in problems if each not in inside]
    own = [Problem(each.path.removeprefix(at), each.message) for each in inside]
    return own + [Problem("", f"{each.path}: {each.message}") for each in outside]


def views_of(kind: str) -> tuple[str, ...]:
    """How the JSON of this kind can be looked at; a kind without a condition is a document only."""
    return VIEWS if kind in KINDS and tree_pointer(kind) else VIEWS[:1]
