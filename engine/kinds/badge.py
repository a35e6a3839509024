"""Badge: a mark of honour that a condition earns, once or again and again."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.documents import shape
from engine.documents.document import Raw
from engine.documents.fields import FormField, FormSection, choice_pairs
from engine.documents.shape import choice, optional, required, text
from engine.kinds.kind import DailyCost, Kind, Listening, Overlap, OwnCheck
from engine.kinds.shared_parts import (
    ABOUT,
    GRANT,
    GRANT_FIELDS,
    LOGIC,
    PERIODS,
    SCHEDULE_SECTION,
    TRIGGER,
    WHEN_SECTION,
    document,
)
from engine.language.words.clauses import ClauseWords
from engine.scoring.rulebook.compiled_rules import compile_rule
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion
from engine.scoring.views.obstacles import badge_obstacles
from engine.vocabulary.problem import CyclicRequirement, Problem, pointer

KEY = "badge"
_BADGES_HELD = "player.badges"
TIERS = ("bronze", "silver", "gold", "platinum", "legendary")
REPEATS = ("once", *PERIODS, "always")

_SHAPE = document(
    {
        "trigger": required(TRIGGER),
        "condition": LOGIC,
        "tier": optional(choice(*TIERS)),
        "repeat": optional(choice(*REPEATS)),
        "icon": optional(text(60)),
        "secret": optional(shape.boolean),
        "grant": optional(GRANT),
    },
    scheduled=True,
)
_TIER_WORDS = choice_pairs("bronze=Bronze", "silver=Silver", "gold=Gold", "platinum=Platinum", "legendary=Legendary")
_REPEAT_WORDS = choice_pairs(
    "once=Once per player", "day=Once a day", "week=Once a week", "month=Once a month", "always=Every time"
)
_FORM = (
    WHEN_SECTION,
    FormSection(
        "then",
        "Then award the badge",
        (
            FormField("/tier", "choice", "Tier", choices=_TIER_WORDS, default="bronze"),
            FormField("/icon", "icon", "Icon"),
            FormField("/repeat", "choice", "How often", choices=_REPEAT_WORDS, default="once"),
            FormField("/secret", "yes_no", "Keep it secret until someone earns it", default=False),
            *GRANT_FIELDS,
        ),
    ),
    SCHEDULE_SECTION,
    ABOUT,
)


def _cycles(documents: Sequence[Raw]) -> OwnCheck:
    """Badges that require each other in a circle; the conditions of all badges are read once."""
    requirements = {
        str(raw.get("key")): sorted(set(_required_badges(raw.get("condition"))))
        for raw in documents
        if raw.get("kind") == KEY
    }

    def check(raw: Raw, at: str) -> Iterator[Problem]:
        if why := _why_never_earned(raw["key"], requirements):
            yield CyclicRequirement(pointer(at, "condition"), why)

    return check


def _why_never_earned(key: str, requirements: Mapping[str, Sequence[str]]) -> str:
    """Why a badge could never be earned first; empty where it could."""
    badges = _cycle_through(key, requirements)
    if badges == [key, key]:
        return "a badge cannot require itself"
    return f"badges require each other in a circle: {' → '.join(badges)}" if badges else ""


def _cycle_through(key: str, requirements: Mapping[str, Sequence[str]]) -> list[str]:
    """The badges from `key` back to `key`, each requiring the next; empty if there is no such cycle."""
    required_by: dict[str, str] = {}
    pending = [key]
    while pending:
        badge = pending.pop()
        for needed in requirements.get(badge, ()):
            if needed == key:
                return [*_path_to(required_by, badge), key]
            if needed not in required_by:
                required_by[needed] = badge
                pending.append(needed)
    return []


def _path_to(required_by: Mapping[str, str], badge: str) -> list[str]:
    path = [badge]
    while badge in required_by:
        badge = required_by[badge]
        path.insert(0, badge)
    return path


def _required_badges(logic: Any) -> Iterator[str]:
    """The keys of the badges that a condition requires a player to have."""
    if isinstance(logic, dict):
        for name, operands in logic.items():
            if isinstance(operands, list) and any(_reads_badges(operand) for operand in operands):
                yield from _texts(operands)
            if name != "var":
                yield from _required_badges(operands)
    elif isinstance(logic, list):
        for operand in logic:
            yield from _required_badges(operand)


def _reads_badges(logic: Any) -> bool:
    if isinstance(logic, dict) and "var" in logic:
        path = logic["var"]
        return path == _BADGES_HELD or (isinstance(path, list) and path[:1] == [_BADGES_HELD])
    return False


def _texts(logic: Any) -> Iterator[str]:
    if isinstance(logic, str):
        yield logic
    elif isinstance(logic, list):
        for operand in logic:
            yield from _texts(operand)
    elif isinstance(logic, dict) and "var" not in logic:
        for operands in logic.values():
            yield from _texts(operands)


def _sentence(raw: Raw, say: ClauseWords) -> str:
    tier = f"{raw['tier']} " if raw.get("tier") else ""
    repeat = str(raw.get("repeat") or "once")
    often = {"always": "every time", "once": "once"}.get(repeat, f"once a {repeat}")
    grant = f" and {say.grant(raw['grant'])}" if raw.get("grant") else ""
    return f"{say.when(raw)}, award the {tier}badge {raw.get('name')}{grant}, {often}{say.schedule(raw)}"


def _compile(version: RuleVersion, book: Rulebook) -> None:
    raw = version.document
    rule = replace(
        compile_rule(raw, version.version), tier=raw.get("tier") or "bronze", repeat=raw.get("repeat") or "once"
    )
    book.rules[version.key] = rule
    book.badges.append(rule)


def _times_a_day(raw: Raw) -> int | None:
    return None if raw.get("repeat") == "always" else 1


def _advice(_currency: str, _most: float | None) -> str:
    return "Let it be earned once, or once a day."


BADGE = Kind(
    key=KEY,
    icon="award",
    purpose="An award for an achievement, once or repeatedly",
    shape=_SHAPE,
    form=_FORM,
    tab="Badges",
    sentence=_sentence,
    joint_problems=_cycles,
    compile=_compile,
    listening=Listening.NAMED,
    judges_events=True,
    obstacles=badge_obstacles,
    grants=True,
    awards_past=True,
    probe_members={"tier": "bronze", "repeat": "always"},
    provides=(_BADGES_HELD,),
    overlap=Overlap("Players get two badges at once."),
    daily_cost=DailyCost(_times_a_day, _advice, "/repeat"),
)
