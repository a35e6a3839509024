"""A backtest says what would be paid, exactly: it is found and followed by the code that pays."""

from typing import Any

import msgspec
import pytest

from tests.webapp.jobs.drains import ask
from tests.webapp.tryout import campus
from webapp.config import Settings
from webapp.jobs.replaying import Draft, replay
from webapp.store import rules, shards
from webapp.store.connection import connect


def sorted_of(found: list[Any]) -> list[bytes]:
    return sorted(msgspec.json.encode(each, order="sorted") for each in found)


def payable(settings: Settings, document: campus.Raw) -> list[Any]:
    """Every single award that a backtest found to be paid: (player, content)."""
    with connect(settings.database_url) as conn:
        draft = Draft(document, None, 0, rules.live_number(conn))
        found = [award for shard in shards.ALL for award in replay(conn, draft, shard).payable]
    return [[award.entry.player, award.content()] for award in found]


@pytest.mark.parametrize("document", campus.DRAFTS, ids=lambda each: each["key"])
def test_what_a_backtest_of_a_draft_finds_is_what_awarding_history_pays_and_what_follows_is_what_then_happens(
    settings: Settings, document: campus.Raw
) -> None:
    campus.happened(settings)
    expected, result = payable(settings, document), campus.backtested(settings, document).result
    campus.publish(settings, [document], past="award")
    assert sorted_of(campus.paid(settings)) == sorted_of(expected)
    assert len(expected) > 10
    assert result is not None
    assert result["payable"] == direct(settings, document["key"])
    assert result["follows"] == followed(settings, document["key"])


PAID = "applied a JOIN entry e ON e.seq = a.seq AND e.type = 'laurel.history_award'"
LINES = f"SELECT l.* FROM ledger l JOIN (SELECT a.shard, a.n FROM {PAID}) p USING (shard, n)"
BADGES = f"SELECT b.* FROM badge_award b JOIN (SELECT a.shard, a.n FROM {PAID}) p USING (shard, n)"


def direct(settings: Settings, key: str) -> dict[str, Any]:
    """What the rule itself gave for the past, by history."""
    given = f"SELECT shard, n, player, at FROM ({LINES}) l WHERE rule = %s"
    given += f" UNION SELECT shard, n, player, at FROM ({BADGES}) b WHERE badge = %s"
    days = f"SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, count(*) AS many FROM ({given}) g GROUP BY 1"
    return {
        "players": ask(settings, f"SELECT count(DISTINCT player) FROM ({given}) g", key, key),
        "awards": ask(settings, f"SELECT count(*) FROM ({given}) g", key, key),
        **{each: of_currency(settings, each, "rule = %s", key) for each in ("xp", "coins")},
        "coupons": {},
        "days": ask(settings, f"SELECT jsonb_object_agg(day, many) FROM ({days}) d", key, key),
    }


def of_currency(settings: Settings, currency: str, whose: str, key: str) -> int:
    lines = f"SELECT coalesce(sum(amount), 0)::bigint FROM ({LINES}) l WHERE currency = %s AND {whose}"
    found: int = ask(settings, lines, currency, key)
    return found


def followed(settings: Settings, key: str) -> dict[str, Any]:
    """What came with the awards for the past, by history."""
    badges = f"SELECT badge, count(*) AS many FROM ({BADGES}) b WHERE badge <> %s GROUP BY 1"
    step = "(convert_from(outcome, 'utf8')::jsonb #>> %s)::int"
    levels = f"SELECT coalesce(sum({step} - {step}), 0)::int FROM {PAID}"
    return {
        "levels": ask(settings, levels, ["level", "number"], ["level", "before"]),
        **{each: of_currency(settings, each, "rule <> %s", key) for each in ("xp", "coins")},
        "badges": ask(settings, f"SELECT coalesce(jsonb_object_agg(badge, many), '{{}}') FROM ({badges}) b", key),
    }


def test_levels_that_are_younger_than_history_give_nothing_beside_the_awards(settings: Settings) -> None:
    thresholds = [{"name": "One", "xp": 0}, {"name": "Two", "xp": 20, "grant": {"coins": 3}}]
    campus.publish(settings, [{**campus.FOR_EACH, "key": "earlier", "name": "Earlier"}])
    campus.happen(settings, 40)
    campus.publish(settings, [{"kind": "levels", "key": "levels", "name": "Levels", "thresholds": thresholds}])
    expected = payable(settings, campus.FOR_EACH)
    campus.publish(settings, [campus.FOR_EACH], past="award")
    assert {content["rule"] for _, content in campus.paid(settings)} == {"for_each"}
    assert sorted_of(campus.paid(settings)) == sorted_of(expected)
