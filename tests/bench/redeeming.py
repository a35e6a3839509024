"""Rewards: how many redemptions in a second, over HTTP, each of its own player with coins to spare."""

from typing import Any

from tests.bench.running import Running
from tests.bench.sender import Sent, send_all
from tests.bench.throughput import flow

REWARD: dict[str, Any] = {
    "kind": "reward",
    "key": "bench_mug",
    "name": "Bench mug",
    "cost": {"coins": 1},
    "stock": 1_000_000,
    "fulfilment": {"by": "hand"},
}
COINS: dict[str, Any] = {
    "kind": "earning",
    "key": "bench_coins",
    "name": "Coins of the bench",
    "trigger": {"events": ["bench_coins"]},
    "grant": {"coins": 1_000},
}
DOCUMENTS = [REWARD, COINS]
PLAYERS = 500


def redemptions(running: Running, key: str, count: int) -> Sent:
    """Give everybody coins by an event, then redeem as fast as answers come."""
    grants = (
        {"id": f"coins-{n}", "type": "bench_coins", "player": f"buyer-{n}", "properties": {}} for n in range(PLAYERS)
    )
    flow(running, grants)
    wishes = [
        ("/v1/rewards/bench_mug/redemptions", {"player": f"buyer-{n % PLAYERS}", "redemption_id": f"bench-{n}"})
        for n in range(count)
    ]
    return send_all(running, key, wishes, lines=16)
