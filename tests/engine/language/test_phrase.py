"""Conditions and whole rules in plain words."""

from typing import Any

import pytest

from engine.language.operators import OPERATORS
from engine.language.words.conditions import phrase
from engine.rules.rule_sentence import rule_sentence
from engine.vocabulary.fact import Catalogue
from tests.engine.language.rules import CATALOGUE, CONTRACT

AMOUNT = {"var": "event.properties.amount"}
COUNTRY = {"var": "event.properties.country"}
GIFT = {"var": "event.properties.gift"}
TAGS = {"var": "event.properties.tags"}
LINES = {"var": "event.properties.lines"}

WORDED: list[tuple[Any, str]] = [
    ({"and": [{">": [AMOUNT, 5]}, GIFT]}, "amount is above 5 EUR and gift is true"),
    ({"or": [{">": [AMOUNT, 5]}, {"and": [GIFT, True]}]}, "amount is above 5 EUR or (gift is true and always)"),
    ({"!": {"or": [GIFT, {">": [AMOUNT, 5]}]}}, "not (gift is true or amount is above 5 EUR)"),
    ({"!": GIFT}, "gift is false"),
    ({"!": {"var": "event.properties.coupon_code"}}, "coupon code is not set"),
    ({"!!": {"var": "event.properties.passed_at"}}, "passed at is set"),
    ({"!": {">": [AMOUNT, 5]}}, "amount is not above 5 EUR"),
    ({"===": [COUNTRY, "GB"]}, "country is GB"),
    ({"==": [COUNTRY, "GB"]}, "country is GB"),
    ({"!==": [COUNTRY, "GB"]}, "country is not GB"),
    ({"!=": [COUNTRY, "GB"]}, "country is not GB"),
    ({"===": [GIFT, False]}, "gift is false"),
    ({"===": [{"var": "event.properties.title"}, "Big Sale"]}, "title is “Big Sale”"),
    ({"===": [{"var": "time.weekday"}, 6]}, "weekday is Saturday"),
    ({"===": [{"var": "event.type"}, "order_placed"]}, "event type is order placed"),
    ({"===": [{"var": "mission.three_today.completed"}, True]}, "three today is completed"),
    ({"!": {"var": "mission.three_today.completed"}}, "three today is not completed"),
    ({"<": [AMOUNT, 5]}, "amount is below 5 EUR"),
    ({"<=": [AMOUNT, 12_500.5]}, "amount is at most 12500.5 EUR"),
    ({">": [AMOUNT, 5]}, "amount is above 5 EUR"),
    ({">=": [{"var": "streak.daily.current"}, 1]}, "daily streak is at least 1 day"),
    ({">=": [5, AMOUNT]}, "amount is at most 5 EUR"),
    ({"<=": [5, AMOUNT, 10]}, "amount is between 5 and 10 EUR (both included)"),
    ({"!": {"<": [5, AMOUNT, 10]}}, "amount is not between 5 and 10 EUR (both excluded)"),
    ({"in": [COUNTRY, ["GB", "US", "CA"]]}, "country is one of GB, US or CA"),
    ({"!": {"in": [COUNTRY, ["GB", "US"]]}}, "country is none of GB or US"),
    ({"in": ["sale", TAGS]}, "tags contains sale"),
    ({"in": ["week_on_fire", {"var": "player.badges"}]}, "player has the badge Week on Fire"),
    ({"!": {"in": ["week_on_fire", {"var": "player.badges"}]}}, "player does not have the badge Week on Fire"),
    ({"in": [COUNTRY, "GB-US"]}, "country is part of GB-US"),
    ({">": [{"+": [AMOUNT, {"*": [2, AMOUNT]}]}, 5]}, "amount + (2 × amount) is above 5"),
    ({">": [{"-": [AMOUNT, 1]}, 5]}, "amount − 1 is above 5"),
    ({">": [{"-": [AMOUNT]}, -5]}, "−amount is above -5"),
    ({">": [{"/": [AMOUNT, 2]}, 5]}, "amount ÷ 2 is above 5"),
    ({">": [{"%": [AMOUNT, 2]}, 0]}, "amount modulo 2 is above 0"),
    ({">": [{"min": [AMOUNT, 2]}, 0]}, "the smaller of amount and 2 is above 0"),
    ({">": [{"max": [AMOUNT, 2]}, 0]}, "the larger of amount and 2 is above 0"),
    ({">": [{"if": [GIFT, 1, 2]}, 0]}, "1 if gift is true, else 2 is above 0"),
    ({"some": [LINES, {">": [{"var": "unit_price"}, 5]}]}, "for at least one of lines, unit price is above 5"),
    ({"all": [TAGS, {"===": [{"var": ""}, "sale"]}]}, "for each of tags, it is sale"),
    ({"none": [TAGS, {"===": [{"var": ""}, "sale"]}]}, "for none of tags, it is sale"),
    ({"!": {"filter": [TAGS, {"===": [{"var": ""}, "sale"]}]}}, "for none of tags, it is sale"),
    ({"missing": ["event.properties.amount", "player.attributes.plan"]}, "amount or player's plan is missing"),
    ({"!": {"missing": ["event.properties.amount"]}}, "amount is known"),
    ({">": [{"var": ["event.properties.amount", 0]}, 5]}, "amount (else 0) is above 5 EUR"),
]


@pytest.mark.parametrize(("logic", "words"), WORDED)
def test_a_condition_reads_as_plain_words(logic: Any, words: str) -> None:
    assert "".join(piece.text for piece in phrase(logic, CATALOGUE)) == words


def test_every_operator_has_words() -> None:
    worded = repr([logic for logic, _ in WORDED])
    assert [name for name in OPERATORS if f"'{name}':" not in worded] == []


def test_each_phrase_points_at_its_row() -> None:
    phrases = phrase({"and": [GIFT, {"or": [GIFT, {">": [AMOUNT, 5]}]}]}, CATALOGUE, at="/condition")
    rows = [piece.path for piece in phrases if len(piece.text) > 5]
    assert rows == ["/condition/and/0", "/condition/and/1/or/0", "/condition/and/1/or/1"]


def test_an_unreadable_condition_says_so() -> None:
    assert phrase({"method": []}, CATALOGUE)[0].text == "an unreadable condition"


SENTENCES = [
    "Counts how often assessment submitted and score is at least 40.",
    "Keeps the sum of score when assessment submitted.",
    (
        "Counts days in a row on which anything happens; a freeze saves a missed day, at most 2 kept, "
        "one earned every 7 days."
    ),
    "Levels: Rookie from 0 XP, Trader from 100 XP and Expert from 400 XP.",
    (
        "When assessment submitted and score is at least 40, give 50 XP + weight and 5 coins, once per assessment, "
        "at most 500 XP a day."
    ),
    "When anything happens and daily streak is at least 7 days, award the silver badge Week on Fire, once.",
    "Each day, when lesson completed 3 times, give 75 XP and 10 coins.",
    "Ranks players by XP earned this week.",
    "Laurel mug for 100 coins, if level is at least 2, 25 in stock, at most 1 per player.",
    (
        "Players play Friday reel for 500 coupons of Acme Coffee, from 2026-12-04 18:00 UTC to 2026-12-04 23:00 UTC, "
        "paced by winning moments, at most 1 win per player, from 2026-12-04 18:00 UTC to 2026-12-06 22:00 UTC."
    ),
]


@pytest.mark.parametrize(("document", "words"), list(zip(CONTRACT, SENTENCES, strict=True)))
def test_each_rule_of_the_contract_reads_as_a_sentence(document: dict[str, Any], words: str) -> None:
    assert rule_sentence(document, CATALOGUE) == words


def test_segments_appear_under_their_names() -> None:
    rich = {"kind": "segment", "key": "rich", "name": "Big spenders", "condition": {">": [{"var": "player.coins"}, 9]}}
    catalogue = Catalogue.from_documents([rich])
    in_segment = {"in": ["rich", {"var": "player.segments"}]}
    assert "".join(piece.text for piece in phrase(in_segment, catalogue)) == "player is in the segment Big spenders"
    assert "".join(piece.text for piece in phrase({"!": [in_segment]}, catalogue)) == (
        "player is not in the segment Big spenders"
    )


def test_a_single_coin_is_granted_in_the_singular() -> None:
    rule = {"kind": "earning", "key": "visit", "name": "Visit", "trigger": {"events": ["*"]}}
    grant, limits = {"xp": 1, "coins": 1}, {"max_coins_per_day": 500}
    assert rule_sentence({**rule, "grant": grant, "limits": limits}, CATALOGUE) == (
        "When anything happens, give 1 XP and 1 coin, at most 500 coins a day."
    )
