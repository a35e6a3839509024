"""Home: the hour against the day before, what campaigns have left, what asks for a person, how the parts are."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.vocabulary.fact import Catalogue
from engine.vocabulary.outcome import (
    BadgeAward,
    BadgeRevocation,
    CouponClaim,
    Currency,
    LedgerEntry,
    LevelChange,
    MissionCompletion,
    Outcome,
    Refusal,
    RefusalReason,
)
from tests.webapp.campaigns.friday_weekend import budget, friday, publish
from tests.webapp.rewards.shop import MUG, SHOP_SCOPES, Shop
from webapp.pages.outcome_lines import RuleLabels, outcome_lines
from webapp.services.coupons import stock
from webapp.store.events import rule_activity
from webapp.store.system import webhook_deliveries


def running(budgets):
    """The campaign of the tests, open since an hour and for three more."""
    now = datetime.now(UTC).replace(microsecond=0)
    times = {"starts_at": (now - timedelta(hours=1)).isoformat(), "ends_at": (now + timedelta(hours=3)).isoformat()}
    raw = friday()
    return raw | {"games": [raw["games"][0] | times | {"budgets": budgets}]}


@pytest.fixture
def apply_at(conn, packs, post):
    """Events that count as applied at this moment: `apply_at(moment, 3)`; only Home is told of them."""

    def apply(moment, count):
        for number in range(count):
            post(f"e{moment:%j%H%M%S}{number}", "ada", "answered")
        conn.execute(
            "INSERT INTO applied (shard, n, received_on, seq, player, rulebook, applied_at) SELECT shard,"
            " (SELECT coalesce(max(n), 0) FROM applied) + row_number() OVER (ORDER BY seq), received_on, seq, player,"
            " (SELECT max(number) FROM rulebook), %s FROM inbox",
            (moment,),
        )
        conn.execute("DELETE FROM inbox")
        conn.commit()

    return apply


def test_the_last_hour_is_compared_with_the_same_hour_of_the_day_before(conn, apply_at, sign_in):
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    apply_at(now - timedelta(minutes=5), 3)
    apply_at(now - timedelta(minutes=25, days=1), 2)
    apply_at(now - timedelta(hours=3, days=1), 9)
    activity = rule_activity.last_hour(conn)
    assert (activity.events[-6], sum(activity.events)) == (3, 3)
    assert (activity.events_before[-26], sum(activity.events_before)) == (2, 2)
    assert "hour +50 % on yesterday" in sign_in("viewer").open("/").text


def test_without_a_day_before_nothing_is_compared(apply_at, sign_in):
    apply_at(datetime.now(UTC), 1)
    text = sign_in("viewer").open("/").text
    assert "on yesterday" not in text
    assert "a day before" not in text


def test_brands_of_a_running_campaign_show_what_is_left(conn, settings, sign_in):
    publish(conn, running([budget("coffee", 8)]))
    stock.void_available(conn, settings, "reel", "coffee", 8)
    conn.commit()
    page_text = re.sub(r"<[^>]+>|\s+", " ", sign_in("viewer").open("/home/care").text)
    assert re.search(r"Needs attention .*coffee", page_text)
    assert re.search(r"Budgets\W+Friday Weekend .*coffee\W+0\W+of 0 left", page_text)


def test_a_campaign_that_is_over_shows_no_budget(conn, sign_in):
    publish(conn, running([budget("coffee", 8)]))
    conn.execute("UPDATE campaign SET ended_at = now()")
    conn.commit()
    assert "Budgets" not in sign_in("viewer").open("/home/care").text


@pytest.mark.parametrize(
    ("status", "attempts", "words"),
    [("waiting", 0, "nothing waiting"), ("waiting", 2, "1 retrying"), ("failed", 9, "1 given up today")],
)
def test_webhooks_are_listed_among_the_parts(conn, sign_in, status, attempts, words):
    webhook_deliveries.queue_message(conn, "coupon.released", "https://shop.example/hook", "coffee", {"coupon": 1})
    conn.execute(
        "UPDATE webhook_delivery SET status = %s, attempts = %s, closed_at = CASE WHEN %s = 'failed' THEN now() END",
        (status, attempts, status),
    )
    conn.commit()
    assert re.search(rf"Webhooks</span>.*{words}", sign_in("viewer").open("/home/care").text)


LESSON_BADGE = {
    "kind": "badge",
    "key": "first",
    "name": "First lesson",
    "tier": "gold",
    "trigger": {"events": ["lesson"]},
    "condition": None,
    "repeat": "once",
}
CAPPED = {
    "kind": "earning",
    "key": "lesson_xp",
    "name": "XP for a lesson",
    "trigger": {"events": ["lesson"]},
    "condition": None,
    "grant": {"xp": 5},
    "limits": {"once_per": ["event.type"]},
}


def test_awards_are_neither_miscounted_nor_pushed_out_by_events_that_gave_nothing(conn, post, drain, sign_in):
    """Forty events whose rule refuses leave an outcome each; only the two that gave something are awards."""
    publish(conn, LESSON_BADGE, CAPPED)
    for number in range(42):
        post(f"e{number}", ("ada", "grace")[number % 2], "lesson")
    drain()
    activity = rule_activity.last_hour(conn)
    with_outcome = conn.execute("SELECT count(outcome) FROM applied").fetchone()[0]
    conn.rollback()
    assert (with_outcome, sum(activity.events), sum(activity.awards)) == (42, 42, 2)
    feed = re.sub(r"<[^>]+>|\s+", " ", sign_in("viewer").open("/home/feed").text)
    assert set(re.findall(r"(ada|grace) +earned +First lesson", feed)) == {"ada", "grace"}


def test_coins_that_a_refund_gives_back_are_no_award(app, conn, api_key, drain):
    publish(conn, MUG)
    shop = Shop(app, api_key(*SHOP_SCOPES))
    shop.give(250)
    assert shop.redeem().status_code == 201
    before = conn.execute("SELECT count(*) FROM applied WHERE gives").fetchone()
    assert shop.post("redemptions/r1/refund", reason="broken").status_code == 200
    assert conn.execute("SELECT count(*) FROM applied WHERE gives").fetchone() == before


amounts = st.lists(
    st.builds(LedgerEntry, st.sampled_from(Currency), st.integers(-9, 9), st.just(0), st.just("r"), st.just(1)),
    max_size=3,
)
levels = st.none() | st.builds(LevelChange, st.integers(1, 5), st.integers(1, 5), st.none())
outcomes = st.builds(
    Outcome,
    ledger=amounts,
    badges=st.lists(st.just(BadgeAward("b", "B", "gold", "", 1)), max_size=1),
    revoked=st.lists(st.just(BadgeRevocation("b", "")), max_size=1),
    level=levels.filter(lambda level: level is None or level.before != level.after),
    missions=st.dictionaries(st.just("m"), st.just({"progress": 1, "target": 2, "state": "open"}), max_size=1),
    claims=st.lists(st.just(CouponClaim("r", 1, "books")), max_size=1),
    not_awarded=st.lists(st.just(Refusal("r", 1, RefusalReason.COOLDOWN)), max_size=1),
    flag=st.sampled_from([None, "unusual"]),
    streaks=st.dictionaries(st.just("daily"), st.just({"current": 1}), max_size=1),
)


@given(outcomes, st.booleans())
def test_what_counts_as_an_award_is_what_the_feed_can_show_as_one(outcome, completes):
    if completes:
        outcome.completions.append(MissionCompletion("m", "", 1))
        outcome.missions["m"] = {"progress": 2, "target": 2, "state": "completed"}
    lines = outcome_lines(outcome.to_json(), RuleLabels(Catalogue(), {}))
    assert outcome.gives == any(line.is_award or line.is_gain for line in lines)
