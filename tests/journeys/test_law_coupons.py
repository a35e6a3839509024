"""Law L3 under attack: no budget is exceeded, no play has two outcomes, no coupon is stranded, whatever dies."""

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.checks import rows
from tests.journeys.crowd import Crowd
from tests.journeys.laurels import apply_rules, breathe, crash_tokens, failpoints, settings_of, settle
from tests.journeys.onlooker import Onlooker
from tests.lengths import brief_or_long
from tests.running import RunningLaurel, running_laurel
from webapp.services.coupons import stock
from webapp.services.publishing import publish
from webapp.store.campaigns import pools
from webapp.store.system.connection import connect

pytestmark = [pytest.mark.laws, pytest.mark.timeout(500), pytest.mark.xdist_group("laws")]
CRASH_POINTS = ("plays_before_commit", "plays_after_commit")
ROLES = ("worker", "web", "worker", "valkey", "postgres", "beat")
SCOPES = ("plays:write", "campaigns:read")
DRAINERS, PLAYS = brief_or_long((4, 1000), (8, 2500))


def friday() -> dict[str, Any]:
    """A reel of one hour with three hundred coupons, of which every second play wins one until they are gone."""
    now = datetime.now(UTC)
    budgets = [
        {"brand": brand, "coupons": {"generate": {"count": count, "pattern": f"{brand.upper()}-########"}}}
        for brand, count in (("coffee", 200), ("bikes", 100))
    ]
    game = {
        "key": "reel",
        "name": "Friday reel",
        "starts_at": (now - timedelta(minutes=1)).isoformat(),
        "ends_at": (now + timedelta(hours=1)).isoformat(),
        "pacing": {"strategy": "odds", "chance": 0.5},
        "limits": {"wins_per_player": 40},
        "budgets": budgets,
    }
    return {"kind": "campaign", "key": "friday", "name": "Friday Weekend", "games": [game]}


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return crash_tokens(tmp_path_factory.mktemp("tokens"), CRASH_POINTS)


@pytest.fixture(scope="module")
def laurel(tokens: dict[str, Path]) -> Iterator[RunningLaurel]:
    with running_laurel(workers=DRAINERS, LAUREL_FAILPOINTS=failpoints(tokens)) as running:
        apply_rules(running, [friday()])
        yield running


def operate(laurel: RunningLaurel) -> list[Callable[[], object]]:
    """What operators do meanwhile."""
    settings = settings_of(laurel)

    def under_way(step: Callable[..., object]) -> Callable[[], object]:
        def act() -> None:
            with connect(settings.database_url) as conn:
                step(conn)
                conn.commit()

        return act

    return [
        under_way(lambda conn: stock.top_up(conn, settings, "reel", "bikes", [f"MORE-{n}" for n in range(25)])),
        under_way(lambda conn: stock.void_available(conn, settings, "reel", "coffee", 20)),
        under_way(lambda conn: publish.pause(conn, "friday", "mira")),
        under_way(lambda conn: publish.resume(conn, "friday", "mira")),
    ]


def test_the_budget_holds_while_everything_dies(laurel: RunningLaurel, tokens: dict[str, Path]) -> None:
    settings, key, chance = settings_of(laurel), laurel.key(*SCOPES), random.Random(7)
    acts = operate(laurel)
    with Onlooker(settings) as onlooker, Crowd(laurel.url, key, plays=PLAYS) as crowd:
        for step, role in enumerate(ROLES):
            while crowd.is_playing and crowd.answered < PLAYS * (step + 1) / (len(ROLES) + 2):
                breathe(0.02)
            tokens[chance.choice(CRASH_POINTS)].touch()
            if step < len(acts):
                acts[step]()
            index = chance.randrange(2 * DRAINERS) if role == "worker" else 0
            laurel.wait_until_replaced(role, laurel.kill(role, index))
    settle(laurel)
    assert_lawful(laurel, crowd)
    assert onlooker.amiss == []
    assert onlooker.looks > 20


def assert_lawful(laurel: RunningLaurel, crowd: Crowd) -> None:
    """Every 202 has its one outcome, every coupon its place, and the audit and verify are clean."""
    settings = settings_of(laurel)
    decided = dict(rows(settings, "SELECT play_id, status FROM play"))
    assert set(decided) == crowd.accepted
    assert "queued" not in decided.values()
    issued = rows(settings, "SELECT count(*) FROM play WHERE status = 'won'")[0][0]
    with connect(settings.database_url) as conn:
        budgets = pools.pools_of_campaign(conn, "friday")
    assert issued == sum(pool.issued for pool in budgets) <= sum(pool.initial for pool in budgets)
    assert rows(settings, "SELECT coupon FROM play WHERE coupon IS NOT NULL GROUP BY 1 HAVING count(*) > 1") == []
    assert "clean" in laurel.laurel("verify").stdout
    assert "clean" in laurel.laurel("campaigns", "audit", "friday").stdout
    crowd_counts = json.loads(crowd_view(laurel))
    assert crowd_counts["total"]["initial"] == sum(
        value for name, value in crowd_counts["total"].items() if name != "initial"
    )


def crowd_view(laurel: RunningLaurel) -> str:
    """The budget as an app reads it."""
    with laurel.client(laurel.key("campaigns:read")) as client:
        return client.get("/v1/campaigns/friday/budget").text
