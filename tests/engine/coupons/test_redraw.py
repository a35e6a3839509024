"""Wins whose provider gives nothing: another brand is drawn, the win stands, and the audit follows."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.coupons.audit import (
    AuditRecord,
    CouponIssued,
    GameOpened,
    PlayDecided,
    WinnerRedrawn,
    WinReleased,
    audit,
    lowest_terms,
)
from engine.coupons.decide_play import Decision, FailedIssue, decide, redraw, release_win
from engine.coupons.game import SECOND, GameBrand, WinnerBounds
from tests.engine.coupons.worlds import BIKES, COFFEE, HOUR, SEED, opened, play, reel

ALL = ("coffee", "bikes")
GAME = reel("odds", winners=WinnerBounds(min_per_day=10**6), brands=(replace(COFFEE, has_provider=True), BIKES))
STEPS = st.lists(st.sampled_from(["play", "play", "fail", "give_up"]), max_size=60)


def failed(brand: str = "coffee", attempt: int = 1, may: tuple[str, ...] = ALL) -> FailedIssue:
    return FailedIssue("default:1", brand, attempt, may)


def test_another_brand_is_requested_where_there_is_one() -> None:
    state = opened(GAME, coffee=5, bikes=1)
    assert redraw(GAME, state, SEED, failed()) == "bikes"
    assert state.left == {"coffee": 6, "bikes": 0}


def test_the_same_brand_is_requested_again_where_it_is_the_only_one() -> None:
    for state, may in ((opened(GAME, coffee=0), ALL), (opened(GAME, coffee=0, bikes=9), ("coffee",))):
        before = dict(state.left)
        assert redraw(GAME, state, SEED, failed(may=may)) == "coffee"
        assert state.left == before


def test_with_no_brand_left_to_win_nothing_changes() -> None:
    state = opened(GAME, coffee=3)
    assert redraw(GAME, state, SEED, failed(may=())) is None
    assert state.left == {"coffee": 3}


def test_attempts_are_drawn_anew() -> None:
    game = replace(GAME, brands=(*GAME.brands, GameBrand("fern", "Fern Books")))
    may = (*ALL, "fern")
    drawn = {
        redraw(game, opened(game, coffee=5, bikes=50, fern=50), SEED, failed(attempt=n, may=may)) for n in range(1, 20)
    }
    assert drawn == {"bikes", "fern"}


class Reel:
    """A game in which providers fail, with the log that it writes."""

    def __init__(self) -> None:
        self.state, self.at = opened(GAME, coffee=6, bikes=6), 0
        self.open: dict[str, tuple[str, int]] = {}
        self.log: list[AuditRecord] = [GameOpened(1, {"coffee": 6, "bikes": 6})]

    def step(self, kind: str) -> None:
        self.at += 30 * SECOND
        if kind == "play":
            self._play(f"default:{len(self.log)}")
        elif self.open:
            name, (brand, attempt) = min(self.open.items())
            self._fail(name, brand, attempt + 1) if kind == "fail" else self._give_up(name, brand)

    def _play(self, name: str) -> None:
        new_play = play(self.at, name)
        decision = decide(GAME, self.state, SEED, new_play)
        self._write(PlayDecided(0, new_play, replace(decision, chance=lowest_terms(decision.chance))))
        if decision.brand:
            self.open[name] = (decision.brand, 0)

    def _fail(self, name: str, brand: str, attempt: int) -> None:
        win = FailedIssue(name, brand, attempt, ALL)
        following = redraw(GAME, self.state, SEED, win)
        assert following is not None
        self.open[name] = (following, attempt)
        self._write(WinnerRedrawn(0, win, following))

    def _give_up(self, name: str, brand: str) -> None:
        del self.open[name]
        release_win(GAME, self.state, SEED, self.at, brand)
        self._write(WinReleased(0, name, brand, self.at))
        self._write(PlayDecided(0, play(self.at, name), Decision("lost", "expired", cause="expired")))

    def _write(self, record: AuditRecord) -> None:
        self.log.append(replace(record, n=len(self.log) + 1))


@given(STEPS)
def test_every_coupon_is_available_or_reserved_and_the_audit_agrees(steps: list[str]) -> None:
    game = Reel()
    for kind in steps:
        game.step(kind)
        assert game.state.total_left + len(game.open) == 12
        assert min(game.state.left.values()) >= 0
        assert game.state.won == len(game.open)
    assert list(audit(GAME, GAME.limits, SEED, game.log)) == []


@pytest.mark.parametrize("lie", ["redrawn", "issued", "released"])
def test_the_audit_finds_a_record_that_names_another_brand(lie: str) -> None:
    game = Reel()
    for kind in ("play", "fail"):
        game.step(kind)
    name, (brand, _) = next(iter(game.open.items()))
    other_brand = {"coffee": "bikes", "bikes": "coffee"}[brand]
    if lie == "redrawn":
        last = game.log.pop()
        assert isinstance(last, WinnerRedrawn)
        game.log.append(replace(last, brand=other_brand))
    else:
        game.log.append(
            CouponIssued(9, name, other_brand) if lie == "issued" else WinReleased(9, name, other_brand, HOUR // 2)
        )
    assert [discrepancy.play for discrepancy in audit(GAME, GAME.limits, SEED, game.log)] == [name]
