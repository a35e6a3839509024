"""Mission: a goal to reach, in a day, a week, a month or ever."""

from collections.abc import Mapping
from dataclasses import replace

from engine.documents.document import Raw
from engine.documents.fields import FormField, FormSection
from engine.documents.shape import choice, object_with, optional, required, whole_number
from engine.kinds.kind import Kind, Listening, Overlap
from engine.kinds.shared_parts import (
    ABOUT,
    GRANT,
    GRANT_FIELDS,
    LOGIC,
    PERIOD_WORDS,
    PERIODS,
    SCHEDULE_SECTION,
    TIME_ZONE,
    TRIGGER,
    WHEN_SECTION,
    document,
)
from engine.language.words.clauses import ClauseWords
from engine.language.words.wording import value_text
from engine.scoring.rulebook.compiled_rules import compile_rule
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion
from engine.scoring.state.series import SeriesRetention
from engine.scoring.views.obstacles import mission_obstacles
from engine.vocabulary.fact import humanise

_PERIODS_KEPT = 3  # in the state; late events of older periods find theirs beside it

_SHAPE = document(
    {
        "trigger": required(TRIGGER),
        "condition": LOGIC,
        "goal": required(object_with({"target": required(whole_number(1, 1_000_000))})),
        "period": required(choice("once", *PERIODS)),
        "timezone": optional(TIME_ZONE),
        "grant": optional(GRANT),
    },
    scheduled=True,
)
_FORM = (
    WHEN_SECTION,
    FormSection(
        "then",
        "The goal",
        (
            FormField("/goal/target", "whole", "How many times", default=1, least=1, most=1_000_000, is_required=True),
            FormField(
                "/period",
                "choice",
                "Within",
                choices=(("once", "Any time, once"), *PERIOD_WORDS),
                default="once",
                is_required=True,
            ),
            FormField("/timezone", "zone", "Time zone", "“player” means each player's own.", default="player"),
            *GRANT_FIELDS,
        ),
    ),
    SCHEDULE_SECTION,
    ABOUT,
)
_EACH_PERIOD = {"day": "each day", "week": "each week", "month": "each month", "once": "once"}


def _sentence(raw: Raw, say: ClauseWords) -> str:
    goal = raw.get("goal")
    target = goal.get("target", 1) if isinstance(goal, Mapping) else 1
    period = str(raw.get("period") or "once")
    times = "once" if target == 1 else f"{value_text(target)} times"
    condition = say.where(raw.get("condition"))
    grant = f", give {say.grant(raw['grant'])}" if raw.get("grant") else ""
    when = _EACH_PERIOD.get(period, humanise(period))
    return f"{when}, when {say.events(raw)} {times}{condition}{grant}{say.schedule(raw)}"


def _compile(version: RuleVersion, book: Rulebook) -> None:
    raw = version.document
    zone = raw.get("timezone")
    rule = replace(
        compile_rule(raw, version.version),
        target=raw["goal"]["target"],
        period=raw["period"],
        zone=None if zone in (None, "player") else zone,
        retention=SeriesRetention(f"p:{version.key}", _PERIODS_KEPT),
    )
    book.rules[version.key] = rule
    book.missions.append(rule)


MISSION = Kind(
    key="mission",
    icon="target-arrow",
    purpose="A goal to reach in a day, a week or any time",
    shape=_SHAPE,
    form=_FORM,
    tab="Missions",
    sentence=_sentence,
    allows_player_zone=True,
    compile=_compile,
    listening=Listening.NAMED,
    judges_events=True,
    obstacles=mission_obstacles,
    grants=True,
    probe_members={"goal": {"target": 10**6}, "period": "once", "timezone": "player"},
    has_facts=True,
    overlap=Overlap("One event advances both."),
)
