"""The form of one test case: an input for each fact that the rule reads, parsed by the fact's type."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from engine.authoring.fact_paths import paths_read_by
from engine.authoring.forms.typed_values import one_value
from engine.authoring.tree.edit_result import EditRefused
from engine.documents.condition_places import trigger_events
from engine.vocabulary.fact import Catalogue, FactType
from webapp.services.drafts import test_case_files
from webapp.services.drafts.edit_test_cases import NewTestCase
from webapp.store.rules.drafts import Draft

PREFIX = "fact:"


@dataclass(frozen=True, slots=True)
class FactInput:
    """One fact of the form: its label, and what is typed into it."""

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
class _Head:
    """The fields of a form beside its facts."""

    name: str
    event: str
    expected: bool


def blank_form(
    draft: Draft, catalogue: Catalogue, given: Mapping[str, Any], name: str, *, expected: bool
) -> TestCaseForm:
    """The form as it opens: with the input of a stored test case, else empty."""
    facts: Mapping[str, Any] = given.get("facts") or {}
    texts = {path: _input_text(value) for path, value in facts.items()}
    return _form(draft, catalogue, texts, _Head(name, str(given.get("event") or ""), expected), {}, "")


def read_form(draft: Draft, catalogue: Catalogue, sent: "MultiDict[str, str]") -> NewTestCase | TestCaseForm:
    """The submitted test case, or the form again with the mistakes beside its fields."""
    texts = {name.removeprefix(PREFIX): text for name, text in sent.items() if name.startswith(PREFIX)}
    if other_path := sent.get("other", "").strip():
        texts[other_path] = sent.get("other_value", "")
    facts: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for path, text in texts.items():
        try:
            facts[path] = _value(catalogue, path, text)
        except EditRefused as refused:
            errors[path] = str(refused)
    head = _Head(sent.get("name", ""), sent.get("event", ""), sent.get("expected") != "no")
    filled_in = {path: value for path, value in facts.items() if value not in (None, [])}
    try:
        case = test_case_files.parse_test_case({**asdict(head), "facts": filled_in})
    except EditRefused as refused:
        return _form(draft, catalogue, texts, head, errors, str(refused))
    if errors:
        return _form(draft, catalogue, texts, head, errors, "")
    return NewTestCase(case["name"], {"event": case["event"], "facts": case["facts"]}, case["expected"])


def form_with_error(draft: Draft, catalogue: Catalogue, submitted: NewTestCase, error: str) -> TestCaseForm:
    """The form of a submitted test case, with a mistake that only the store knows."""
    form = blank_form(draft, catalogue, submitted.given, submitted.name, expected=submitted.expected)
    return replace(form, error=error)


def _form(
    draft: Draft,
    catalogue: Catalogue,
    texts: Mapping[str, str],
    head: _Head,
    errors: Mapping[str, str],
    error: str,
) -> TestCaseForm:
    paths = dict.fromkeys([*paths_read_by(draft.tree), *texts])
    inputs = [_input(catalogue, path, texts.get(path, ""), errors.get(path, "")) for path in paths]
    triggers = trigger_events(draft.document)
    events = tuple(catalogue.properties) if "*" in triggers else triggers
    event_choices = tuple(sorted(event for event in events if event != "*"))
    return TestCaseForm(head.name, head.event, head.expected, inputs, event_choices, error)


def _input(catalogue: Catalogue, path: str, text: str, error: str) -> FactInput:
    fact = catalogue.fact(path)
    if fact is None:
        return FactInput(path, path, "", FactType.UNKNOWN, text, "", error or "This fact no longer exists")
    example = _input_text(fact.example) if fact.example is not None else ""
    return FactInput(path, fact.label[:1].upper() + fact.label[1:], fact.unit or "", fact.type, text, example, error)


def _value(catalogue: Catalogue, path: str, text: str) -> Any:
    fact = catalogue.fact(path)
    if fact is not None and fact.type in (FactType.TEXTS, FactType.LIST):
        values = (one_value(fact, part) for part in text.split(","))
        return [value for value in values if value is not None]
    return one_value(fact, text)


def _input_text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(_input_text(element) for element in value) if isinstance(value, list) else str(value)
