"""Rewards: how many redemptions in a second, over HTTP, by players with coins to spare: of one reward, and of many."""

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
REWARD_COUNT = 20
DOCUMENTS = [*({**REWARD, "key": f"bench_mug_{number}"} for number in range(REWARD_COUNT)), COINS]
PLAYERS = 500
LINES = 64


def give_coins(running: Running) -> None:
    """Give everybody coins by an event."""
    grants = (
        {"id": f"coins-{n}", "type": "bench_coins", "player": f"buyer-{n}", "properties": {}} for n in range(PLAYERS)
    )
    flow(running, grants)


def redemptions(running: Running, key: str, count: int, rewards: int) -> Sent:
    """Redeem so many rewards in turn, as fast as answers come."""
    wishes = [
        (
            f"/v1/rewards/bench_mug_{n % rewards}/redemptions",
            {"player": f"buyer-{n % PLAYERS}", "redemption_id": f"bench-{rewards}-{n}"},
        )
        for n in range(count)
    ]
    return send_all(running, key, wishes, lines=LINES)
