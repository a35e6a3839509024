"""Coupons: their states, their codes, their expiry; and what a player is told."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.coupons import issue, play_answer
from engine.coupons.issue import (
    ALPHABET,
    STATES,
    code_from_pattern,
    code_problem,
    expires_at,
    may_become,
    pattern_problem,
)
from engine.coupons.play_answer import WonCoupon
from tests.engine.coupons.worlds import reel

DAY = 86_400_000_000


def test_a_coupon_in_a_final_state_stays_in_it() -> None:
    over = ["redeemed", "expired", "voided"]
    assert not any(may_become(state, after) for state in over for after in STATES)
    assert may_become("reserved", "available")
    assert not may_become("issued", "available")
    assert not may_become("reserved", "expired")


def test_no_two_characters_of_a_code_look_alike() -> None:
    assert not set("0O1IL") & set(ALPHABET)


@given(st.text("AB-#", min_size=1, max_size=30), st.integers(0, 2**32))
def test_a_code_keeps_its_pattern(pattern: str, number: int) -> None:
    code = code_from_pattern(pattern, Random(number).choice)
    assert len(code) == len(pattern)
    for letter, drawn in zip(pattern, code, strict=True):
        assert drawn in ALPHABET if letter == "#" else drawn == letter


def test_a_pattern_that_is_too_short_is_refused_with_the_length_it_needs() -> None:
    assert pattern_problem("ACME-########", 500_000) == ""
    problem = pattern_problem("ACME-##", 5_000)
    assert "at least 5 #" in problem
    assert pattern_problem("ACME-#####", 5_000) == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("x" * 101, "longer"),
        ("=1+1", "formula"),
        ("@cmd", "formula"),
        ("-5", "formula"),
        (" A", "space"),
        ("A\x00B", "printed"),
        ("A\tB", "printed"),
    ],
)
def test_a_dangerous_code_is_refused_with_the_reason(text: str, says: str) -> None:
    assert says in code_problem(text)


def test_an_ordinary_code_is_accepted() -> None:
    assert code_problem("ACME-7K2M-QX94") == ""
    assert code_problem("Größe 5") == ""


def test_the_earlier_expiry_applies() -> None:
    assert expires_at(0, None, None) is None
    assert expires_at(0, 5 * DAY, 3) == 3 * DAY
    assert expires_at(4 * DAY, 5 * DAY, 3) == 5 * DAY


def test_a_queued_play_reveals_nothing() -> None:
    body = play_answer.play_answer_body("p1", "queued", "won", WonCoupon("X", "acme", None), 5)
    assert body == {"play_id": "p1", "status": "queued", "reason": None, "coupon": None, "decided_at": None}


def test_a_win_is_shown_with_its_coupon() -> None:
    body = play_answer.play_answer_body("p1", "won", "won", WonCoupon("X", "acme", None), 1_000_000)
    assert body["coupon"] == {"code": "X", "brand": "acme", "expires_at": None}
    with pytest.raises(AssertionError):
        play_answer.play_answer_body("p1", "won", "won", None, 5)


def test_an_outcome_is_shown_when_the_reel_ends() -> None:
    assert play_answer.shown_from(reel(), 0) == 10_000_000
    assert issue.possible_codes("A-##") == 31**2 - 0
