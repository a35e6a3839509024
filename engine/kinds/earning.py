"""Earning: XP, coins and coupons for what players do, within limits."""

from collections.abc import Iterator
from dataclasses import replace

from engine.documents.document import Raw
from engine.documents.fields import FormField, FormSection
from engine.documents.shape import list_of, object_with, optional, required, text, whole_number
from engine.kinds.kind import DailyCost, Kind, Listening, Neighbours, Overlap
from engine.kinds.shared_parts import (
    ABOUT,
    GRANT,
    GRANT_FIELDS,
    LOGIC,
    SCHEDULE_SECTION,
    TRIGGER,
    WHEN_SECTION,
    document,
)
from engine.language.check import is_once_per_path, unknown_fact_message
from engine.language.words.clauses import ClauseWords
from engine.language.words.wording import value_text
from engine.scoring.rulebook.compiled_rules import compile_rule
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion
from engine.scoring.state.series import SeriesRetention
from engine.scoring.views.obstacles import earning_obstacles
from engine.vocabulary.problem import Problem, pointer

_COOLDOWN_SECONDS_MAX = 366 * 86_400
_SECONDS_A_DAY = 86_400
_CAP_DAYS_KEPT = 3  # in the state; late events of older days find theirs beside it

_LIMITS = object_with(
    {
        "once_per": optional(list_of(text(200), 1, 5, distinct=True)),
        "max_xp_per_day": optional(whole_number(0)),
        "cooldown_seconds": optional(whole_number(0, _COOLDOWN_SECONDS_MAX)),
    }
)
_SHAPE = document(
    {"trigger": required(TRIGGER), "condition": LOGIC, "grant": required(GRANT), "limits": optional(_LIMITS)},
    scheduled=True,
)
_FORM = (
    WHEN_SECTION,
    FormSection("then", "Then give", GRANT_FIELDS),
    FormSection(
        "limits",
        "Within these limits",
        (
            FormField(
                "/limits/once_per",
                "choices",
                "Once per",
                "Each value counts once, such as each assessment.",
                choices_from="once_per",
            ),
            FormField(
                "/limits/max_xp_per_day", "whole", "At most", "For each player and day.", unit="XP a day", least=0
            ),
            FormField(
                "/limits/cooldown_seconds",
                "whole",
                "Then pause for",
                unit="seconds",
                least=0,
                most=_COOLDOWN_SECONDS_MAX,
            ),
        ),
    ),
    SCHEDULE_SECTION,
    ABOUT,
)


def _once_per(raw: Raw) -> list[str]:
    return (raw.get("limits") or {}).get("once_per") or []


def _consistency(raw: Raw, at: str) -> Iterator[Problem]:
    for index, path in enumerate(_once_per(raw)):
        if not is_once_per_path(path):
            here = pointer(at, "limits", "once_per", index)
            yield Problem(here, "must be one of event.*, player.attributes.* and time.*")


def _references(raw: Raw, at: str, neighbours: Neighbours) -> Iterator[Problem]:
    for index, path in enumerate(_once_per(raw)):
        if neighbours.catalogue.fact(path) is None:
            yield Problem(pointer(at, "limits", "once_per", index), unknown_fact_message(path, neighbours.catalogue))


def _sentence(raw: Raw, say: ClauseWords) -> str:
    return f"{say.when(raw)}, give {say.grant(raw.get('grant'))}{say.limits(raw)}{say.schedule(raw)}"


def _compile(version: RuleVersion, book: Rulebook) -> None:
    raw = version.document
    limits = raw.get("limits") or {}
    rule = replace(
        compile_rule(raw, version.version),
        once_per=tuple(limits.get("once_per") or ()),
        max_xp_per_day=limits.get("max_xp_per_day"),
        cooldown=(limits.get("cooldown_seconds") or 0) * 1_000_000,
        retention=SeriesRetention(f"c:{version.key}", _CAP_DAYS_KEPT),
    )
    book.rules[version.key] = rule
    book.earning.append(rule)


def _times_a_day(raw: Raw) -> int | None:
    """Once-per keys are taken as a bound: how many there are is the app's to know, so they count as once."""
    limits = raw.get("limits") or {}
    if limits.get("once_per"):
        return 1
    pause = limits.get("cooldown_seconds") or 0
    return _SECONDS_A_DAY // pause + 1 if pause else None


def _advice(currency: str, most: float | None) -> str:
    amount = f"It gives {value_text(most)} each time: " if most is not None else "It grows with facts: "
    return amount + (
        "limit the XP per day, or set once per or a pause." if currency == "xp" else "set once per or a pause."
    )


EARNING = Kind(
    key="earning",
    icon="coin",
    purpose="XP and coins for what players do",
    shape=_SHAPE,
    form=_FORM,
    tab="Earning",
    first_members={"grant": {"xp": 10}},
    sentence=_sentence,
    consistency=_consistency,
    references=_references,
    compile=_compile,
    listening=Listening.NAMED,
    judges_events=True,
    obstacles=earning_obstacles,
    grants=True,
    awards_past=True,
    probe_members={"grant": {}},
    reads=_once_per,
    overlap=Overlap("Both give something for the same event.", is_serious=True),
    daily_cost=DailyCost(_times_a_day, _advice, "/limits/max_xp_per_day"),
)
