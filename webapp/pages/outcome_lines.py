"""The outcome of an entry in words, line by line, as feeds and timelines show it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.vocabulary.entry import REDEMPTION, REFUND
from engine.vocabulary.fact import Catalogue, humanise
from webapp.pages import icons
from webapp.pages.formats import amount, humane, number, unit
from webapp.pages.grant_words import level_text, origin_text
from webapp.store.events import seen_properties
from webapp.store.rules import badge_pictures
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
    """The names of rules and facts, and the icons of badges; of all rules: what is out of force keeps its name."""

    catalogue: Catalogue
    icons: Mapping[str, str]

    @classmethod
    def of(cls, conn: Connection, catalogue: Catalogue | None = None) -> "RuleLabels":
        """Read them; pages that have the `catalogue` already pass it."""
        return cls(catalogue or seen_properties.catalogue(conn), badge_pictures.icons_by_badge(conn))

    @property
    def names(self) -> Mapping[str, str]:
        """The names of all rules by their keys."""
        return self.catalogue.names

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


def entry_lines(
    kind: str, content: Mapping[str, Any], outcome: Mapping[str, Any], labels: RuleLabels
) -> list[OutcomeLine]:
    """The lines of an entry of this type, the most important first: what was bought or refunded, else its outcome.

    `content` is empty after an erasure.
    """
    if kind not in {REDEMPTION, REFUND} or not content:
        return outcome_lines(outcome, labels)
    reward, price = labels.name(content["reward"]), _coins(content["coins"])
    if kind == REDEMPTION:
        return [OutcomeLine("redeemed", reward, f"for {price}", "gift")]
    return [OutcomeLine("got back", price, f"for {reward}", "coin")]


def _coins(count: float) -> str:
    return f"{number(count)} {unit(count, 'coins')}"


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
            reason_text(refusal["reason"], labels.catalogue, refusal.get("fact", "")),
            "clock-pause",
            rule=refusal["rule"],
        )
        for refusal in outcome.get("not_awarded", ())
    ]


def reason_text(reason: str, catalogue: Catalogue, path: str = "") -> str:
    """Why a rule granted nothing, as part of a sentence; `path` is that of the fact that is missing."""
    text = REASONS.get(reason, humane(reason))
    fact = catalogue.fact(path) if path else None
    return f"{text}: {fact.label if fact else humanise(path)}" if path else text


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
    values = [(currency, outcome.get(currency) or 0) for currency in ("xp", "coins")]
    gained = [f"{amount(value)} {unit(value, currency)}" for currency, value in values if value > 0]
    lost = [f"{number(-value)} {unit(value, currency)}" for currency, value in values if value < 0]
    if gained:
        yield OutcomeLine("got", ", ".join(gained), "", "coin", is_gain=True)
    if lost:
        yield OutcomeLine("lost", ", ".join(lost), "", "coin")


def _rest(outcome: Mapping[str, Any], labels: RuleLabels) -> Iterator[OutcomeLine]:
    for key in outcome.get("revoked", ()):
        yield OutcomeLine("lost", labels.name(key), "badge revoked", "circle-minus", rule=key)
    if state := outcome.get("state"):
        yield OutcomeLine("became", humane(state).capitalize(), "lifecycle", "activity")
    if flag := outcome.get("flag"):
        yield OutcomeLine("was flagged:", flag, "", "alert-triangle")
