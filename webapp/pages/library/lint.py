"""Checks the JSON of a rule: its syntax, its logic, and the document next to the other rules."""

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
    """The whole document that a text makes, and its flaws; with any flaw it is not applied."""

    document: dict[str, Any] | None
    flaws: tuple[JsonFlaw, ...]


def lint_text(conn: Connection, current: dict[str, Any], view: str, source: str) -> LintResult:
    """Check a text as the whole document, or as the condition of the current one."""
    text = parse_json(source, BYTES_MAX)
    if text.flaws:
        return LintResult(None, text.flaws)
    at = tree_pointer(current["kind"]) if view == "logic" else ""
    document = with_member(current, at, text.value) if at else text.value
    problems = _problems(conn, current, document)
    return LintResult(document, tuple(text.marked(_relative_to(at or "", problems))))


def _problems(conn: Connection, current: dict[str, Any], document: Any) -> Sequence[Problem]:
    if not isinstance(document, dict):
        return [Problem("", "A rule document must be an object: { … }")]
    if document.get("kind") != current["kind"]:
        return [Problem("/kind", f"The kind of a rule cannot change: this is a “{current['kind']}”")]
    problems, _ = publish.check_documents(conn, [document], publish=False)
    return [Problem(problem.path.removeprefix("/0"), problem.message) for problem in problems]


def _relative_to(at: str, problems: Sequence[Problem]) -> list[Problem]:
    """The problems with pointers into the text that is shown; one elsewhere in the document says where."""
    if not at:
        return list(problems)
    inside = [problem for problem in problems if problem.path == at or problem.path.startswith(f"{at}/")]
    outside = [problem for problem in problems if problem not in inside]
    relative = [Problem(problem.path.removeprefix(at), problem.message) for problem in inside]
    return relative + [Problem("", f"{problem.path}: {problem.message}") for problem in outside]


def views_of(kind: str) -> tuple[str, ...]:
    """The views of the JSON of this kind; a kind without a condition has only the document."""
    return VIEWS if kind in KINDS and tree_pointer(kind) else VIEWS[:1]
