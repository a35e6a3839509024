"""Law L3 with a provider outside that fails, drips and repeats itself, while the workers that ask it are killed."""

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.checks import rows
from tests.journeys.crowd import Crowd
from tests.journeys.laurels import apply_rules, breathe, crash_tokens, failpoints, settings_of, settle
from tests.outside_server import OutsideServer, ReceivedRequest, outside_server
from tests.running import RunningLaurel, running_laurel
from webapp.store.campaigns.inconsistencies import stranded_prizes
from webapp.store.system.connection import connect

pytestmark = [pytest.mark.laws, pytest.mark.timeout(400), pytest.mark.xdist_group("laws")]
CRASH_POINTS = ("provider_answered", "coupon_before_commit")
PLAYS, COUPONS, OWN = 400, 60, 40
RELENTS_AT = 5


def moody(chance: random.Random, request: ReceivedRequest) -> tuple[int, Any]:
    """A provider on a bad day: refusals, errors, nonsense, slowness, a code that it gave before; else a good code.

    It relents from the fifth attempt on: the pauses between attempts double, and ten in a row would outlast the test.
    """
    name = request.json["data"]["reservation"]
    if int(name.rpartition("-")[2]) >= RELENTS_AT:
        return 200, {"code": f"OUT-{name}"}
    mood = chance.random()
    if mood < 0.05:
        time.sleep(2.5)
    answers: list[tuple[float, tuple[int, Any]]] = [
        (0.10, (503, {})), (0.15, (404, {})), (0.20, (200, b"nonsense")), (0.25, (200, {"code": "OUT-SAME"})),
    ]  # fmt: skip
    return next((answer for upto, answer in answers if mood < upto), (200, {"code": f"OUT-{name}"}))


@pytest.fixture(scope="module")
def server() -> Iterator[OutsideServer]:
    chance = random.Random(11)
    with outside_server() as server:
        server.answer = lambda request: moody(chance, request)
        yield server


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return crash_tokens(tmp_path_factory.mktemp("tokens"), CRASH_POINTS)


def friday(server: OutsideServer) -> dict[str, Any]:
    """Every third play wins; coffees come from the provider, bikes are our own."""
    now = datetime.now(UTC)
    provider = {"url": server.url, "answer_within_seconds": 1}
    game = {
        "key": "reel",
        "name": "Friday reel",
        "starts_at": (now - timedelta(minutes=1)).isoformat(),
        "ends_at": (now + timedelta(hours=1)).isoformat(),
        "pacing": {"strategy": "odds", "chance": 0.33},
        "budgets": [
            {"brand": "coffee", "priority": 1, "provider": provider, "coupons": generated_stock("SLOT", COUPONS)},
            {"brand": "bikes", "coupons": generated_stock("BIKE", OWN)},
        ],
    }
    return {"kind": "campaign", "key": "friday", "name": "Friday Weekend", "games": [game]}


def generated_stock(pattern: str, count: int) -> dict[str, Any]:
    return {"generate": {"count": count, "pattern": f"{pattern}-########"}}


@pytest.fixture(scope="module")
def laurel(server: OutsideServer, tokens: dict[str, Path]) -> Iterator[RunningLaurel]:
    extra = {"LAUREL_FAILPOINTS": failpoints(tokens), "LAUREL_WEBHOOK_NETWORKS": "127.0.0.0/8"}
    with running_laurel(workers=2, **extra) as running:
        apply_rules(running, [friday(server)])
        yield running


def test_every_play_has_one_outcome_and_no_budget_is_exceeded(
    laurel: RunningLaurel, tokens: dict[str, Path], server: OutsideServer
) -> None:
    key = laurel.key("plays:write", "campaigns:read")
    with Crowd(laurel.url, key, plays=PLAYS, clients=20) as crowd:
        for point in (*CRASH_POINTS, *CRASH_POINTS):
            while crowd.is_playing and tokens[point].exists():
                breathe(0.05)
            tokens[point].touch()
            breathe(1.0)
    settle(laurel)
    assert not all(token.exists() for token in tokens.values()), "nobody died"
    assert len(server.requests) > 20
    assert_lawful(laurel, crowd)


def assert_lawful(laurel: RunningLaurel, crowd: Crowd) -> None:
    settings = settings_of(laurel)
    decided = dict(rows(settings, "SELECT play_id, status FROM play"))
    assert set(decided) == crowd.accepted
    assert set(decided.values()) <= {"won", "lost"}
    with connect(settings.database_url) as conn:
        assert stranded_prizes(conn) == []
    codes = [row[0] for row in rows(settings, "SELECT code FROM coupon WHERE state = 'issued'")]
    assert len(codes) == len(set(codes)) == list(decided.values()).count("won") <= COUPONS + OWN
    assert sum(code.startswith("OUT-") for code in codes) > 10
    assert "clean" in laurel.laurel("verify").stdout
    assert "clean" in laurel.laurel("campaigns", "audit", "friday").stdout
