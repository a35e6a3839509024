"""Starter templates: sentences with one to three blanks, which become the documents of a rule and of what it reads.

A template first looks for its metric or streak among the documents in use, so that nothing is counted twice.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.authoring.forms.forms import blank_document, key_from_name
from engine.authoring.forms.row_options import DAYS_MAX
from engine.authoring.jsonlogic.lower import lower
from engine.authoring.tree.edit_result import EditRefused
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow
from engine.kinds.badge import BADGE
from engine.kinds.earning import EARNING
from engine.kinds.metric import METRIC
from engine.kinds.mission import MISSION
from engine.kinds.streak import STREAK
from engine.vocabulary.fact import humanise

_NARROWING = ("filter", "starts_at", "ends_at")
"""Members with which a metric or a streak does not count all that its events bring."""
Raw = Mapping[str, Any]
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TemplateBlank:
    """One blank of the sentence. `widget` is event, whole, measure (a number that an event carries) or badges."""

    key: str
    widget: str
    label: str
    default: int = 0
    least: int = 1
    most: int = 1_000_000


@dataclass(frozen=True, slots=True)
class StarterTemplate:
    """A sentence with its blanks in braces, and the rule that it becomes.

    `title` is the name of the rule if its author enters none; `make` returns the members that differ from a blank rule.
    """

    key: str
    kind: str
    title: str
    sentence: str
    why: str
    blanks: tuple[TemplateBlank, ...]
    make: Callable[["TemplateFilling"], dict[str, Any]]

    @property
    def parts(self) -> list[str | TemplateBlank]:
        """The sentence cut at its blanks, in order."""
        blanks_by_key = {blank.key: blank for blank in self.blanks}
        cut = [piece for part in self.sentence.split("{") for piece in part.split("}")]
        return [blanks_by_key.get(piece, piece) for piece in cut]


@dataclass
class TemplateFilling:
    """The values of a template, the documents in use, and the documents that the new rule needs in addition."""

    values: Values
    used: Sequence[Raw]
    taken: set[str]
    needed: list[dict[str, Any]]

    def metric(self, event: str) -> str:
        """The key of the metric that counts an event: one that is in use, else a new one."""
        measure = {"kind": METRIC.key, "events": [event], "aggregate": "count"}
        return self._key_of(measure, f"{humanise(event)} count")

    def streak(self, event: str) -> str:
        """The key of the streak of days with an event: one that is in use, else a new one."""
        return self._key_of({"kind": STREAK.key, "events": [event], "every": "day"}, f"{humanise(event)} days")

    def _key_of(self, measure: dict[str, Any], name: str) -> str:
        for document in self.used:
            is_narrower = any(document.get(member) is not None for member in _NARROWING)
            if not is_narrower and all(document.get(member) == value for member, value in measure.items()):
                return str(document["key"])
        key = self.key(name)
        self.needed.append({**blank_document(measure["kind"], name, key), **measure})
        return key

    def key(self, name: str) -> str:
        """A free key made of a name; it is taken from now on."""
        key = key_from_name(name, sorted(self.taken))
        self.taken.add(key)
        return key


def fill_template(
    starter_template: StarterTemplate, values: Values, name: str, used: Iterable[Raw], taken: Iterable[str]
) -> list[dict[str, Any]]:
    """The documents of a filled template: first what the rule reads and is not there yet, last the rule itself.

    `used` are the documents in use, `taken` all keys that are taken. Raises `EditRefused` where a blank is not filled.
    """
    for blank in starter_template.blanks:
        _check(blank, values.get(blank.key))
    making = TemplateFilling(values, list(used), set(taken), [])
    members = starter_template.make(making)
    called = name.strip() or starter_template.title
    rule = {
        **blank_document(starter_template.kind, called, making.key(called)),
        "trigger": {"events": ["*"]},
        **members,
    }
    return [*making.needed, rule]


def _check(blank: TemplateBlank, value: Any) -> None:
    if blank.widget == "whole":
        if type(value) is not int or not blank.least <= value <= blank.most:
            raise EditRefused(f"{blank.label}: enter a whole number from {blank.least} to {blank.most:,}")
    elif not value:
        raise EditRefused(f"{blank.label}: choose one")
    elif blank.widget == "badges" and len(value) < blank.least:
        raise EditRefused(f"{blank.label}: choose at least {blank.least}")


def _on(making: TemplateFilling) -> dict[str, Any]:
    return {"trigger": {"events": [making.values["event"]]}}


def _if(*rows: ConditionRow, mode: str = "all", count: int | None = None) -> dict[str, Any]:
    return {"condition": lower(ConditionGroup(mode=mode, count=count, rows=rows)).logic}


def _first_time(making: TemplateFilling) -> dict[str, Any]:
    return {**_on(making), "condition": None, "tier": "bronze", "repeat": "once"}


def _often(making: TemplateFilling) -> dict[str, Any]:
    metric = making.metric(making.values["event"])
    fact = f"metric.{metric}.last_{making.values['days']}_days"
    condition = _if(ConditionRow("c1", fact, "at_least", making.values["times"]))
    return {**_on(making), **condition, "tier": "silver", "repeat": "once"}


def _in_a_row(making: TemplateFilling) -> dict[str, Any]:
    fact = f"streak.{making.streak(making.values['event'])}.current"
    return {
        **_on(making),
        **_if(ConditionRow("c1", fact, "at_least", making.values["days"])),
        "tier": "silver",
        "repeat": "once",
    }


def _threshold(making: TemplateFilling) -> dict[str, Any]:
    event, _, name = str(making.values["measure"]).partition("/")
    condition = _if(ConditionRow("c1", f"event.properties.{name}", "at_least", making.values["amount"]))
    return {"trigger": {"events": [event]}, **condition, "grant": {"xp": making.values["xp"]}}


def _comeback(making: TemplateFilling) -> dict[str, Any]:
    """The event is the only one of the last days, and not the first of all."""
    metric = making.metric(making.values["event"])
    rows = (
        ConditionRow("c1", f"metric.{metric}.last_{making.values['days']}_days", "at_most", 1),
        ConditionRow("c2", f"metric.{metric}.total", "at_least", 2),
    )
    return {**_on(making), **_if(*rows), "tier": "bronze", "repeat": "once"}


def _set(making: TemplateFilling) -> dict[str, Any]:
    return {
        **_if(ConditionRow("c1", "player.badges", "has_all", list(making.values["badges"]))),
        "tier": "gold",
        "repeat": "once",
    }


def _some_of(making: TemplateFilling) -> dict[str, Any]:
    badges = making.values["badges"]
    if making.values["count"] > len(badges):
        raise EditRefused(f"Only {len(badges)} badges are selected")
    rows = [ConditionRow(f"c{index}", "player.badges", "contains", badge) for index, badge in enumerate(badges, 1)]
    return {**_if(*rows, mode="at_least", count=making.values["count"]), "tier": "gold", "repeat": "once"}


def _goal(making: TemplateFilling) -> dict[str, Any]:
    goal = {"target": making.values["times"]}
    return {**_on(making), "condition": None, "goal": goal, "period": "week", "grant": {"xp": making.values["xp"]}}


EVENT = TemplateBlank("event", "event", "What happens")
MEASURE = TemplateBlank("measure", "measure", "Measure")
BADGES = TemplateBlank("badges", "badges", "The badges", least=2)
XP = TemplateBlank("xp", "whole", "How much", 50)
TIMES = TemplateBlank("times", "whole", "How often", 5)

STARTER_TEMPLATES: tuple[StarterTemplate, ...] = (
    StarterTemplate(
        key="first_time",
        kind=BADGE.key,
        title="First time",
        sentence="A badge the first time that {event}.",
        why="Shows newcomers at once that their actions count.",
        blanks=(EVENT,),
        make=_first_time,
    ),
    StarterTemplate(
        key="n_in_m_days",
        kind=BADGE.key,
        title="Often enough",
        sentence="A badge when {event} at least {times} times in {days} days.",
        why="Rewards a habit, whichever days it falls on.",
        blanks=(EVENT, TIMES, TemplateBlank("days", "whole", "How many days", 7, most=DAYS_MAX)),
        make=_often,
    ),
    StarterTemplate(
        key="streak",
        kind=BADGE.key,
        title="Days in a row",
        sentence="A badge when {event} on {days} days in a row.",
        why="Coming back tomorrow is the habit that matters.",
        blanks=(EVENT, TemplateBlank("days", "whole", "How many days", 7, least=2, most=3650)),
        make=_in_a_row,
    ),
    StarterTemplate(
        key="threshold",
        kind=EARNING.key,
        title="High enough",
        sentence="Give {xp} XP when {measure} is at least {amount}.",
        why="Rewards a score, a purchase or a distance above a threshold.",
        blanks=(XP, MEASURE, TemplateBlank("amount", "whole", "The threshold", 80, least=0)),
        make=_threshold,
    ),
    StarterTemplate(
        key="comeback",
        kind=BADGE.key,
        title="Comeback",
        sentence="A badge when {event} again after {days} days without it.",
        why="Welcomes players back when they are most likely to stay.",
        blanks=(EVENT, TemplateBlank("days", "whole", "How many days", 14, least=2, most=DAYS_MAX)),
        make=_comeback,
    ),
    StarterTemplate(
        key="collect_a_set",
        kind=BADGE.key,
        title="Collect a set",
        sentence="A badge for whoever holds all of {badges}.",
        why="Gives players who have earned a lot something left to finish.",
        blanks=(BADGES,),
        make=_set,
    ),
    StarterTemplate(
        key="k_of_n",
        kind=BADGE.key,
        title="Some of a set",
        sentence="A badge for whoever holds at least {count} of {badges}.",
        why="Like a set, but with a choice: nobody is stuck on the one that does not suit them.",
        blanks=(TemplateBlank("count", "whole", "How many", 2, most=50), BADGES),
        make=_some_of,
    ),
    StarterTemplate(
        key="weekly_goal",
        kind=MISSION.key,
        title="Weekly goal",
        sentence="Each week, {xp} XP when {event} {times} times.",
        why="A goal that starts over every Monday.",
        blanks=(XP, EVENT, TIMES),
        make=_goal,
    ),
)
"""In the order of the gallery."""


def starter_template(key: str) -> StarterTemplate | None:
    """One template by its key; None where there is none."""
    return next((known for known in STARTER_TEMPLATES if known.key == key), None)
