"""The form of one test case: an input for each fact that the rule asks about, read by the fact's type."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from engine.authoring.fact_paths import paths_read_by
from engine.authoring.forms.typed_values import one_value
from engine.authoring.tree.edit_refused import EditRefused
from engine.documents.condition_places import trigger_events
from engine.language.words.wording import value_text
from engine.vocabulary.fact import Catalogue, FactType
from webapp.services.drafts import test_case_files
from webapp.store.rules.drafts import Draft

PREFIX = "fact:"


@dataclass(frozen=True, slots=True)
class FactInput:
    """One fact of the form: what it is called and what is typed into it."""

    path: str
    label: str
    unit: str
    kind: str
    text: str
    example: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class TestCaseForm:
    """What is typed into the form of a test case."""

    name: str
    event: str
    expected: bool
    inputs: list[FactInput]
    events: tuple[str, ...]
    error: str = ""


@dataclass(frozen=True, slots=True)
class SubmittedTestCase:
    """What a sent form says."""

    name: str
    given: dict[str, Any]
    expected: bool


def blank_form(
    draft: Draft, catalogue: Catalogue, given: Mapping[str, Any], name: str, *, expected: bool
) -> TestCaseForm:
    """The form as it is opened: with what a test case gives already, else empty."""
    known: Mapping[str, Any] = given.get("facts") or {}
    texts = {path: _typed(value) for path, value in known.items()}
    return _form(draft, catalogue, texts, (name, str(given.get("event") or ""), expected), {}, "")


def read_form(draft: Draft, catalogue: Catalogue, sent: "MultiDict[str, str]") -> SubmittedTestCase | TestCaseForm:
    """The test case that a form says, or the form with what is wrong beside its fields."""
    texts = {name.removeprefix(PREFIX): text for name, text in sent.items() if name.startswith(PREFIX)}
    if other := sent.get("other", "").strip():
        texts[other] = sent.get("other_value", "")
    facts: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for path, text in texts.items():
        try:
            facts[path] = _value(catalogue, path, text)
        except EditRefused as form_with_error:
            errors[path] = str(form_with_error)
    told = (sent.get("name", ""), sent.get("event", ""), sent.get("expected") != "no")
    found = {path: value for path, value in facts.items() if value not in (None, [])}
    try:
        made = test_case_files.parse_test_case({"name": told[0], "event": told[1], "facts": found, "expected": told[2]})
    except EditRefused as wrong:
        return _form(draft, catalogue, texts, told, errors, str(wrong))
    if errors:
        return _form(draft, catalogue, texts, told, errors, "")
    return SubmittedTestCase(made["name"], {"event": made["event"], "facts": made["facts"]}, made["expected"])


def form_with_error(draft: Draft, catalogue: Catalogue, made: SubmittedTestCase, error: str) -> TestCaseForm:
    """The form of what was read, with a mistake that only the store knows."""
    form = blank_form(draft, catalogue, made.given, made.name, expected=made.expected)
    return TestCaseForm(form.name, form.event, form.expected, form.inputs, form.events, error)


def _form(
    draft: Draft,
    catalogue: Catalogue,
    texts: Mapping[str, str],
    told: tuple[str, str, bool],
    errors: Mapping[str, str],
    wrong: str,
) -> TestCaseForm:
    paths = dict.fromkeys([*paths_read_by(draft.tree), *texts])
    inputs = [_input(catalogue, path, texts.get(path, ""), errors.get(path, "")) for path in paths]
    heard = trigger_events(draft.document)
    events = tuple(catalogue.properties) if "*" in heard else heard
    return TestCaseForm(*told, inputs, tuple(sorted(each for each in events if each != "*")), wrong)


def _input(catalogue: Catalogue, path: str, text: str, error: str) -> FactInput:
    fact = catalogue.fact(path)
    if fact is None:
        return FactInput(path, path, "", FactType.UNKNOWN, text, "", error or "No rule knows this fact any more")
    example = value_text(fact.example) if fact.example is not None else ""
    return FactInput(path, fact.label[:1].upper() + fact.label[1:], fact.unit or "", fact.type, text, example, error)


def _value(catalogue: Catalogue, path: str, text: str) -> Any:
    fact = catalogue.fact(path)
    if fact is not None and fact.type in (FactType.TEXTS, FactType.LIST):
        return [each for each in (one_value(fact, part) for part in text.split(",")) if each is not None]
    return one_value(fact, text)


def _typed(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(_typed(each) for each in value) if isinstance(value, list) else str(value)
