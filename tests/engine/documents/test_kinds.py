"""Every kind of rule document has the members that the contract names, within their bounds, and no others."""

from copy import deepcopy
from itertools import pairwise
from typing import Any

import pytest

from engine.kinds import KINDS
from engine.rules.parse_documents import parse_documents
from engine.vocabulary.problem import Problem
from tests.builders import ZONES, make_book
from tests.engine.documents.kinds import DEFAULTS, LEAST, MEMBERS, NEEDED, SCHEDULED


def least(kind: str) -> dict[str, Any]:
    return {"kind": kind, "key": "it", "name": "It", **deepcopy(LEAST[kind])}


def changed(kind: str, member: str, value: Any) -> dict[str, Any]:
    """The least document of a kind with one member as told; what it stands in is made where it is absent."""
    document = least(kind)
    steps, last = member.split("/"), member.rsplit("/", maxsplit=1)[-1]
    here: Any = document
    for step, after in pairwise(steps):
        empty: Any = [None] if after.isdigit() else {}
        here = here[int(step)] if isinstance(here, list) else here.setdefault(step, empty)
    here[int(last) if isinstance(here, list) else last] = value
    return document


def without(kind: str, member: str) -> dict[str, Any]:
    document = least(kind)
    *steps, last = member.split("/")
    here: Any = document
    for step in steps:
        here = here[int(step) if isinstance(here, list) else step]
    del here[last]
    return document


def wrong(*documents: Any) -> list[str]:
    """Where the problems of these documents stand."""
    return [each.path for each in parse_documents(list(documents), zones=ZONES) if isinstance(each, Problem)]


def cases(column: int) -> list[Any]:
    return [
        pytest.param(*row[:2], each, id=f"{row[0]} {row[1]} {each!r:.40}") for row in MEMBERS for each in row[column]
    ]


def test_all_kinds_are_tried() -> None:
    assert set(LEAST) == set(KINDS)
    assert {kind for kind, *_ in MEMBERS} == set(KINDS)


@pytest.mark.parametrize("kind", LEAST)
def test_the_least_document_of_a_kind_is_admitted_and_an_unknown_member_is_not(kind: str) -> None:
    assert wrong(least(kind)) == []
    assert wrong({**least(kind), "colour": "red"}) == ["/0/colour"]


@pytest.mark.parametrize(
    ("kind", "member"), [(kind, each) for kind in LEAST for each in ("key", "name", *NEEDED.get(kind, ()))]
)
def test_what_a_kind_must_have_is_asked_for_at_its_place(kind: str, member: str) -> None:
    assert f"/0/{member}" in wrong(without(kind, member))


@pytest.mark.parametrize(("kind", "member", "value"), cases(2))
def test_a_member_may_be_anything_within_its_bounds(kind: str, member: str, value: Any) -> None:
    assert wrong(changed(kind, member, value)) == []


@pytest.mark.parametrize(("kind", "member", "value"), cases(3))
def test_a_member_beyond_its_bounds_is_refused_at_its_place(kind: str, member: str, value: Any) -> None:
    assert [each for each in wrong(changed(kind, member, value)) if each.startswith(f"/0/{member}")] != []


@pytest.mark.parametrize("kind", LEAST)
def test_only_scheduled_kinds_have_dates_and_these_are_in_order(kind: str) -> None:
    dates = {"starts_at": "2026-12-04T18:00:00Z", "ends_at": "2026-12-06T22:00:00Z"}
    backwards = {"starts_at": dates["ends_at"], "ends_at": dates["starts_at"]}
    is_scheduled = kind in SCHEDULED
    assert wrong(least(kind) | dates) == ([] if is_scheduled else ["/0/ends_at", "/0/starts_at"])
    assert ("/0/ends_at" in wrong(least(kind) | backwards)) is True


def ready(document: dict[str, Any]) -> list[Any]:
    """The one document of a rulebook, as it runs."""
    book = make_book([document])
    kept = (book.metrics, book.streaks, book.rules, book.boards)
    return [
        *(each for part in kept for each in part.values()),
        book.boosts,
        book.levels,
        book.lifecycle,
        book.player_limits,
    ]


@pytest.mark.parametrize(("kind", "told"), DEFAULTS)
def test_what_is_not_told_is_as_if_told_so(kind: str, told: dict[str, Any]) -> None:
    assert ready(least(kind)) == ready(least(kind) | told)


MISFITS: list[tuple[str, dict[str, Any], str]] = [
    ("metric", {"property": "score"}, "property"),
    ("metric", {"aggregate": "sum"}, "property"),
    ("metric", {"aggregate": "sum", "property": "a..b"}, "property"),
    ("metric", {"events": ["*", "visit"]}, "events"),
    ("badge", {"trigger": {"events": ["visit", "visit"]}}, "trigger/events/1"),
    ("badge", {"condition": {"in": ["it", {"var": "player.badges"}]}}, "condition"),
    ("badge", {"condition": {"in": ["nonesuch", {"var": "player.badges"}]}}, "condition/in"),
    ("badge", {"condition": {">": [{"var": "metric.nonesuch.total"}, 1]}}, "condition/>/0"),
    ("badge", {"condition": {">": [{"var": "streak.nonesuch.current"}, 1]}}, "condition/>/0"),
    ("badge", {"condition": {">": [{"var": "mission.nonesuch.progress"}, 1]}}, "condition/>/0"),
    ("streak", {"freezes": {"initial": 3, "max": 2}}, "freezes/initial"),
    ("levels", {"thresholds": [{"name": "A", "xp": 0}, {"name": "B", "xp": 0}]}, "thresholds/1/xp"),
    ("levels", {"formula": "doubling"}, "formula"),
    ("levels", {"thresholds": None}, ""),
    ("levels", {"thresholds": None, "formula": {"+": [1, {"var": "player.coins"}]}}, "formula/+/1"),
    ("levels", {"thresholds": None, "formula": {"if": [{"missing": ["event.type"]}, 1, 2]}}, "formula/if/0/missing/0"),
    ("levels", {"thresholds": None, "formula": "tripling"}, "formula"),
    ("lifecycle", {"transitions": [{"to": "B"}]}, "transitions/0"),
    ("lifecycle", {"transitions": [{"to": "B", "after_days_inactive": 1, "condition": True}]}, "transitions/0"),
    ("player_limits", {"max_events_per_minute": None}, ""),
    ("reward", {"fulfilment": {"by": "coupon_pool"}}, "fulfilment/coupon_pool"),
    ("reward", {"fulfilment": {"by": "webhook"}}, "fulfilment/url"),
    ("campaign", {"games": [LEAST["campaign"]["games"][0]] * 2}, "games/1/key"),
]


@pytest.mark.parametrize(("kind", "change", "place"), MISFITS)
def test_members_that_do_not_go_together_are_refused_at_their_place(
    kind: str, change: dict[str, Any], place: str
) -> None:
    assert wrong(least(kind) | change) == [f"/0/{place}" if place else "/0"]


@pytest.mark.parametrize("aggregate", ["sum", "max", "min", "last", "distinct"])
def test_every_aggregate_but_count_names_a_property(aggregate: str) -> None:
    assert wrong(least("metric") | {"aggregate": aggregate, "property": "score.final"}) == []


@pytest.mark.parametrize("kind", ["levels", "lifecycle", "player_limits"])
def test_of_some_kinds_there_is_one_document(kind: str) -> None:
    assert wrong(least(kind), least(kind) | {"key": "other"}) == ["/0", "/1"]


def test_badges_that_need_each_other_in_a_circle_are_refused() -> None:
    first = least("badge") | {"condition": {"in": ["other", {"var": "player.badges"}]}}
    second = least("badge") | {"key": "other", "condition": {"in": ["it", {"var": "player.badges"}]}}
    assert wrong(first, second) == ["/0/condition", "/1/condition"]


def test_a_grant_and_a_reward_may_name_a_pool_that_is_there() -> None:
    pool = least("coupon_pool") | {"key": "pool"}
    badge = least("badge") | {"grant": {"coupon_pool": "pool"}}
    reward = least("reward") | {"key": "mug", "fulfilment": {"by": "coupon_pool", "coupon_pool": "pool"}}
    assert wrong(pool, badge, reward) == []


@pytest.mark.parametrize("raw", [None, {}, "x", 5])
def test_what_is_no_list_is_refused(raw: Any) -> None:
    assert [each.path for each in parse_documents(raw) if isinstance(each, Problem)] == [""]


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (5, "/0"),
        ({}, "/0/kind"),
        ({"kind": "bagde"}, "/0/kind"),
        ({"kind": ["badge"]}, "/0/kind"),
        ({"kind": None}, "/0/kind"),
    ],
)
def test_what_is_no_document_is_refused(raw: Any, place: str) -> None:
    assert wrong(raw) == [place]
