"""Metric: a number per player, measured from events: how often, how much, how many different."""

from collections.abc import Iterator

from engine.documents.document import Raw
from engine.documents.fields import FormField, FormSection, choice_pairs
from engine.documents.shape import choice, optional, required, text
from engine.kinds.kind import Kind, Listening
from engine.kinds.shared_parts import (
    ABOUT,
    COUNTED_SECTION,
    EVENT_TYPES,
    LOGIC,
    SCHEDULE_MEMBERS,
    SCHEDULE_SECTION,
    document,
)
from engine.language.words.clauses import GAP, ClauseWords
from engine.scoring.rulebook.compiled_rules import CompiledMetric, Schedule, compile_condition
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion
from engine.scoring.state.series import SeriesRetention
from engine.vocabulary.fact import is_valid_name
from engine.vocabulary.problem import Problem, named, pointer

AGGREGATES = ("count", "sum", "max", "min", "last", "distinct")
_OF_A_PROPERTY = AGGREGATES[1:]

_SHAPE = document(
    {
        "events": required(EVENT_TYPES),
        "filter": LOGIC,
        "aggregate": required(choice(*AGGREGATES)),
        "property": optional(text(150)),
    },
    scheduled=True,
)
_AGGREGATE_WORDS = choice_pairs(
    "count=How often it happens",
    "sum=The sum of a property",
    "max=The largest value",
    "min=The smallest value",
    "last=The latest value",
    "distinct=How many different values",
)
_FORM = (
    COUNTED_SECTION,
    FormSection(
        "then",
        "What is measured",
        (
            FormField("/aggregate", "choice", "Measure", choices=_AGGREGATE_WORDS, default="count", is_required=True),
            FormField(
                "/property",
                "choice",
                "Of the property",
                choices_from="properties",
                when=("/aggregate", _OF_A_PROPERTY),
            ),
        ),
    ),
    SCHEDULE_SECTION,
    ABOUT,
)


def _consistency(raw: Raw, at: str) -> Iterator[Problem]:
    name = raw.get("property")
    if raw["aggregate"] == "count" and name is not None:
        yield Problem(pointer(at, "property"), f"must be empty for {named(raw['aggregate'])}")
    if raw["aggregate"] != "count" and name is None:
        yield Problem(pointer(at, "property"), f"is required for {named(raw['aggregate'])}")
    if name is not None and not is_valid_name(name):
        yield Problem(pointer(at, "property"), f"{name!r} is not a property: every part between the dots needs a name")


_FIGURES = {"sum": "the sum of", "max": "the largest", "min": "the smallest", "last": "the latest"}


def _sentence(raw: Raw, say: ClauseWords) -> str:
    aggregate, name = str(raw.get("aggregate") or "count"), say.property(raw.get("property"))
    events = say.events(raw)
    where = say.where(raw.get("filter"))
    if aggregate == "count":
        return f"counts how often {events}{where}"
    if aggregate == "distinct":
        return f"counts the different values of {name} when {events}{where}"
    return f"keeps {_FIGURES.get(aggregate, GAP)} {name} when {events}{where}"


def _compile(version: RuleVersion, book: Rulebook) -> None:
    raw = version.document
    empty_day = 0 if raw["aggregate"] in {"count", "sum", "distinct"} else None
    book.metrics[version.key] = CompiledMetric(
        key=version.key,
        version=version.version,
        events=tuple(raw["events"]),
        aggregate=raw["aggregate"],
        parts=tuple(raw["property"].split(".")) if raw.get("property") else (),
        condition=compile_condition(raw.get("filter")),
        schedule=Schedule.from_document(raw),
        retention=SeriesRetention(f"m:{version.key}", book.days_kept, empty_day),
        generation=version.generation,
    )


METRIC = Kind(
    key="metric",
    icon="chart-bar",
    purpose="How often, how much, how many different",
    shape=_SHAPE,
    form=_FORM,
    sentence=_sentence,
    consistency=_consistency,
    compile=_compile,
    listening=Listening.NAMED,
    measures_players=True,
    measured_members=("events", "filter", "aggregate", "property", *SCHEDULE_MEMBERS),
    has_facts=True,
)
