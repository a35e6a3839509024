"""Streak: days, weeks or months in a row in which something happened, with freezes for those that were missed."""

from collections.abc import Iterator, Mapping

from engine.documents.document import Raw
from engine.documents.fields import FormField, FormSection
from engine.documents.shape import Member, choice, object_with, optional, required, whole_number
from engine.kinds.kind import Kind, Listening
from engine.kinds.shared_parts import (
    ABOUT,
    COUNTED_SECTION,
    EVENT_TYPES,
    LIMIT,
    LOGIC,
    PERIOD_WORDS,
    PERIODS,
    SCHEDULE_MEMBERS,
    SCHEDULE_SECTION,
    document,
)
from engine.language.words.clauses import ClauseWords
from engine.scoring.rulebook.compiled_rules import CompiledStreak, Schedule, compile_condition
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion
from engine.scoring.views.standings import streak_standing
from engine.vocabulary.problem import Problem, named, pointer

_FREEZES = object_with(
    {"initial": optional(whole_number(0, 100)), "max": optional(whole_number(0, 100)), "earn_every": Member(LIMIT)}
)
_SHAPE = document(
    {
        "events": required(EVENT_TYPES),
        "filter": LOGIC,
        "every": required(choice(*PERIODS)),
        "freezes": optional(_FREEZES),
    },
    scheduled=True,
)
_FORM = (
    COUNTED_SECTION,
    FormSection(
        "then",
        "In a row",
        (
            FormField("/every", "choice", "At least once", choices=PERIOD_WORDS, default="day", is_required=True),
            FormField("/freezes/initial", "whole", "Initial freezes", default=0, least=0, most=100),
            FormField("/freezes/max", "whole", "Freezes at most", default=0, least=0, most=100),
            FormField(
                "/freezes/earn_every", "whole", "One more freeze every", "If empty: none are earned.", unit="periods"
            ),
        ),
    ),
    SCHEDULE_SECTION,
    ABOUT,
)


def _consistency(raw: Raw, at: str) -> Iterator[Problem]:
    freezes = raw.get("freezes") or {}
    if (freezes.get("initial") or 0) > (freezes.get("max") or 0):
        yield Problem(pointer(at, "freezes", "initial"), f"must not be more than {named('max')}")


def _sentence(raw: Raw, say: ClauseWords) -> str:
    every = str(raw.get("every") or "day")
    words = f"counts {every}s in a row on which {say.events(raw)}{say.where(raw.get('filter'))}"
    freezes = raw.get("freezes")
    most = freezes.get("max") if isinstance(freezes, Mapping) else None
    if not most or not isinstance(freezes, Mapping):
        return words
    words += f"; a freeze saves a missed {every}, at most {most} kept"
    return words + (f", one earned every {freezes['earn_every']} {every}s" if freezes.get("earn_every") else "")


def _compile(version: RuleVersion, book: Rulebook) -> None:
    raw = version.document
    freezes = raw.get("freezes") or {}
    book.streaks[version.key] = CompiledStreak(
        key=version.key,
        version=version.version,
        events=tuple(raw["events"]),
        every=raw["every"],
        initial_freezes=freezes.get("initial") or 0,
        max_freezes=freezes.get("max") or 0,
        earn_every=freezes.get("earn_every"),
        condition=compile_condition(raw.get("filter")),
        schedule=Schedule.from_document(raw),
        generation=version.generation,
    )


STREAK = Kind(
    key="streak",
    icon="flame",
    purpose="Days, weeks or months in a row",
    shape=_SHAPE,
    form=_FORM,
    sentence=_sentence,
    consistency=_consistency,
    compile=_compile,
    standing=streak_standing,
    listening=Listening.NAMED,
    measures_players=True,
    measured_members=("events", "filter", "every", *SCHEDULE_MEMBERS),
    changes_with_time=True,
    has_facts=True,
)
