"""The outcome of an entry in words, line by line, as feeds and timelines show it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.vocabulary.fact import humanise
from webapp.pages import icons
from webapp.pages.formats import amount, humane, unit
from webapp.pages.grant_words import level_text, origin_text
from webapp.store.rules import badge_pictures, rule_versions
from webapp.store.system.connection import Connection


@dataclass(frozen=True, slots=True)
class OutcomeLine:
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
class RuleLabels:
    """The names of rules, in force or not, and the icons of badges, by key."""

    names: Mapping[str, str]
    icons: Mapping[str, str]

    @classmethod
    def of(cls, conn: Connection) -> "RuleLabels":
        """Read them."""
        return cls(rule_versions.names(conn), badge_pictures.icons_by_badge(conn))

    def name(self, key: str) -> str:
        """The name of a rule; of one that never was published, its key as words."""
        return self.names.get(key) or humanise(key)


REASONS = {
    "too_costly": "evaluating the event takes too many steps; it would be parked",
    "rate_limited": "this player sent more events than the limit allows",
    "not_in_schedule": "the rule was not in force at that time",
    "rule_fault": "the rule failed; see Parked work",
    "missing_fact": "a fact that the rule needs is missing",
    "division_by_zero": "the calculation divides by zero",
    "too_large": "the result of the calculation is too large",
    "once_per": "already granted for this",
    "cooldown": "too soon after the previous award",
    "daily_cap": "the daily limit is reached",
}


def outcome_lines(outcome: Mapping[str, Any], labels: RuleLabels) -> list[OutcomeLine]:
    """The lines of an outcome, the most important first."""
    missions = list(_missions(outcome, labels))
    completed = [line for line in missions if line.is_award]
    advanced = [line for line in missions if not line.is_award]
    return [
        *_badges(outcome, labels),
        *_level(outcome),
        *completed,
        *_coupons(outcome, labels),
        *_amounts(outcome),
        *_rest(outcome, labels),
        *advanced,
    ]


def amount_lines(outcome: Mapping[str, Any], labels: RuleLabels) -> list[OutcomeLine]:
    """Each amount of XP and coins with its rule and how it came about, from an outcome with all its grants."""
    return [
        OutcomeLine(
            "",
            f"{amount(grant['amount'])} {unit(grant['amount'], grant['currency'])}",
            " · ".join(filter(None, (origin_text(grant, labels.names), level_text(grant)))),
            "coin",
            rule=grant["rule"] if grant["version"] else "",
        )
        for grant in outcome.get("grants", ())
    ]


def refusal_lines(outcome: Mapping[str, Any], labels: RuleLabels) -> list[OutcomeLine]:
    """Rules whose conditions held but that granted nothing, with the reason."""
    return [
        OutcomeLine(
            "",
            labels.name(refusal["rule"]),
            reason_text(refusal["reason"], refusal.get("fact", "")),
            "clock-pause",
            rule=refusal["rule"],
        )
        for refusal in outcome.get("not_awarded", ())
    ]


def reason_text(reason: str, fact: str = "") -> str:
    """Why a rule granted nothing, as part of a sentence; `fact` is the path of the one that is missing."""
    text = REASONS.get(reason, humane(reason))
    return f"{text}: {humanise(fact.rpartition('.')[2])}" if fact else text


def _badges(outcome: Mapping[str, Any], labels: RuleLabels) -> Iterator[OutcomeLine]:
    for badge in outcome.get("badges", ()):
        picture = icons.of_badge(badge["key"], labels.icons.get(badge["key"]))
        yield OutcomeLine(
            "earned", badge["name"], f"{badge['tier']} badge", picture, badge["tier"], is_award=True, rule=badge["key"]
        )


def _level(outcome: Mapping[str, Any]) -> Iterator[OutcomeLine]:
    if level := outcome.get("level"):
        rises = level["number"] > level.get("before", 0)
        name = level.get("name") or f"level {level['number']}"
        verb, picture = ("reached", "stairs-up") if rises else ("fell to", "circle-minus")
        yield OutcomeLine(verb, name, f"level {level['number']}", picture, is_award=rises)


def _missions(outcome: Mapping[str, Any], labels: RuleLabels) -> Iterator[OutcomeLine]:
    for mission in outcome.get("missions", ()):
        name = labels.name(mission["key"])
        done = f"{mission.get('progress')} of {mission.get('target')}"
        if mission.get("state") == "completed":
            yield OutcomeLine("finished", name, done, "target-arrow", is_award=True, rule=mission["key"])
        else:
            yield OutcomeLine("made progress in", name, done, "target-arrow", rule=mission["key"])


COUPON_VERBS = {"granted": "got", "exhausted": "came too late for", "queued": "waits for"}


def _coupons(outcome: Mapping[str, Any], labels: RuleLabels) -> Iterator[OutcomeLine]:
    for claim in outcome.get("claims", ()):
        verb = COUPON_VERBS.get(claim.get("status", "queued"), "waits for")
        coupon = f"a coupon from {labels.name(claim['coupon_pool'])}"
        yield OutcomeLine(verb, coupon, "", "ticket", is_gain=True, rule=claim["rule"])


def _amounts(outcome: Mapping[str, Any]) -> Iterator[OutcomeLine]:
    values = [(currency, outcome.get(currency)) for currency in ("xp", "coins")]
    amounts = [f"{amount(value)} {unit(value, currency)}" for currency, value in values if value]
    if amounts:
        is_gain = any(value and value > 0 for _, value in values)
        yield OutcomeLine("got", ", ".join(amounts), "", "coin", is_gain=is_gain)


def _rest(outcome: Mapping[str, Any], labels: RuleLabels) -> Iterator[OutcomeLine]:
    for key in outcome.get("revoked", ()):
        yield OutcomeLine("lost", labels.name(key), "badge revoked", "circle-minus", rule=key)
    if state := outcome.get("state"):
        yield OutcomeLine("became", humane(state).capitalize(), "lifecycle", "activity")
    if flag := outcome.get("flag"):
        yield OutcomeLine("was flagged:", flag, "", "alert-triangle")
