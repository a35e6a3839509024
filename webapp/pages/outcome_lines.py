"""What an entry came to, line by line, as feeds and timelines say it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.vocabulary.fact import Catalogue
from webapp.pages import icons
from webapp.pages.formats import amount, humane
from webapp.store.events import seen_properties
from webapp.store.rules import badge_pictures
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened: "earned", "Strong Finish", "gold"; `tone` is a tier or empty."""

    verb: str
    what: str
    note: str
    icon: str
    tone: str = ""
    is_award: bool = False
    is_gain: bool = False
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """How rules are called, and the icons that badges name, by key."""

    names: Mapping[str, str]
    icons: Mapping[str, str]

    @classmethod
    def of(cls, conn: Connection, catalogue: Catalogue | None = None) -> "Known":
        """Read it; the `catalogue` is given where the page has it already."""
        return cls((catalogue or seen_properties.catalogue(conn)).names, badge_pictures.icons_by_badge(conn))

    def name(self, key: str) -> str:
        """The name of a rule, or its key where there is none any more."""
        return self.names.get(key, key)


REASONS = {
    "too_costly": "judging the event takes too many steps; it would be parked",
    "rate_limited": "this player sent more events than the limit allows",
    "not_in_schedule": "the rule was not in force at that time",
    "rule_fault": "the rule broke; see Parked work",
    "missing_fact": "a fact that it needs is missing",
    "once_per": "it was given for this before",
    "cooldown": "too soon after the last time",
    "daily_cap": "the day's limit is reached",
}


def lines(outcome: Mapping[str, Any], known: Known) -> list[Line]:
    """The lines of an outcome, the most worth telling first."""
    missions = list(_missions(outcome, known))
    done = [each for each in missions if each.is_award]
    moved = [each for each in missions if not each.is_award]
    return [
        *_badges(outcome, known),
        *_level(outcome),
        *done,
        *_coupons(outcome),
        *_amounts(outcome),
        *_rest(outcome),
        *moved,
    ]


def refusals(outcome: Mapping[str, Any], known: Known) -> list[Line]:
    """Rules whose condition held and that gave nothing, with the reason."""
    return [
        Line(
            "",
            known.name(each["rule"]),
            REASONS.get(each["reason"], humane(each["reason"])),
            "clock-pause",
            rule=each["rule"],
        )
        for each in outcome.get("not_awarded", ())
    ]


def _badges(outcome: Mapping[str, Any], known: Known) -> Iterator[Line]:
    for badge in outcome.get("badges", ()):
        picture = icons.of_badge(badge["key"], known.icons.get(badge["key"]))
        yield Line(
            "earned", badge["name"], f"{badge['tier']} badge", picture, badge["tier"], is_award=True, rule=badge["key"]
        )


def _level(outcome: Mapping[str, Any]) -> Iterator[Line]:
    if level := outcome.get("level"):
        verb = "reached" if level["number"] >= level.get("before", 0) else "fell to"
        name = level.get("name") or f"level {level['number']}"
        yield Line(verb, name, f"level {level['number']}", "stairs-up", is_award=True)


def _missions(outcome: Mapping[str, Any], known: Known) -> Iterator[Line]:
    for mission in outcome.get("missions", ()):
        name = known.name(mission["key"])
        done = f"{mission.get('progress')} of {mission.get('target')}"
        if mission.get("state") == "completed":
            yield Line("finished", name, done, "target-arrow", is_award=True, rule=mission["key"])
        else:
            yield Line("moved on in", name, done, "target-arrow", rule=mission["key"])


COUPONS = {"granted": "got", "exhausted": "came too late for", "queued": "waits for"}


def _coupons(outcome: Mapping[str, Any]) -> Iterator[Line]:
    for each in outcome.get("claims", ()):
        verb = COUPONS.get(each.get("status", "queued"), "waits for")
        yield Line(verb, f"a coupon of {humane(each['coupon_pool'])}", "", "ticket", is_gain=True, rule=each["rule"])


def _amounts(outcome: Mapping[str, Any]) -> Iterator[Line]:
    coins = outcome.get("coins")
    units = (("xp", "XP"), ("coins", "coin" if coins in {1, -1} else "coins"))
    said = [f"{amount(outcome[name])} {unit}" for name, unit in units if outcome.get(name)]
    if said:
        yield Line("got", ", ".join(said), "", "coin", is_gain=True)


def _rest(outcome: Mapping[str, Any]) -> Iterator[Line]:
    for key in outcome.get("revoked", ()):
        yield Line("lost", key, "badge revoked", "circle-minus", rule=key)
    if state := outcome.get("state"):
        yield Line("became", humane(state).capitalize(), "lifecycle", "activity")
    if flag := outcome.get("flag"):
        yield Line("was flagged:", flag, "", "alert-triangle")
