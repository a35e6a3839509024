"""Law L4 under attack: of a hundred who want the last piece, or spend the last coins, one succeeds, whoever dies."""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.journeys.checks import rows
from tests.journeys.laurels import apply_rules, settings_of, settle
from tests.running import RunningLaurel, running_laurel

pytestmark = [pytest.mark.laws, pytest.mark.timeout(400), pytest.mark.xdist_group("laws")]
CROWD, TRIES, PAUSE_SECONDS = 100, 300, 0.2
AGAIN = {429, 500, 502, 503}
SCOPES = ("rewards:redeem", "players:read", "players:write", "players:grant")


def reward(key: str, stock: int | None) -> dict[str, Any]:
    return {
        "kind": "reward",
        "key": key,
        "name": key,
        "cost": {"coins": 100},
        "stock": stock,
        "fulfilment": {"by": "hand"},
    }


@pytest.fixture(scope="module")
def laurel() -> Iterator[RunningLaurel]:
    with running_laurel(workers=2) as running:
        apply_rules(running, [reward("last_mug", 1), reward("any_mug", None)])
        yield running


class Shop:
    """A hundred clients of one Laurel, all at once; each request opens a connection of its own."""

    def __init__(self, laurel: RunningLaurel) -> None:
        self.client = httpx.Client(
            base_url=f"{laurel.url}/v1/",
            headers={"Authorization": f"Bearer {laurel.key(*SCOPES)}"},
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            timeout=60,
        )

    def post(self, path: str, **content: Any) -> httpx.Response:
        return self.client.post(path, json=content)

    def give(self, player: str) -> None:
        assert self.client.put(f"players/{player}", json={}).status_code == 200
        assert self.post(f"players/{player}/grants", coins=100, reason="a gift").status_code == 201

    def rush(self, wishes: list[tuple[str, str, str]]) -> Counter[str]:
        """Redeem (reward, player, id) all at the same moment; gives how often each answer came."""
        gate = threading.Barrier(len(wishes))

        def redeem(wish: tuple[str, str, str]) -> str:
            gate.wait()
            return self.insist(*wish)

        with ThreadPoolExecutor(len(wishes)) as crowd:
            return Counter(crowd.map(redeem, wishes))

    def insist(self, key: str, player: str, name: str) -> str:
        """Ask until there is an answer: a server that dies meanwhile may have redeemed, or not."""
        for _ in range(TRIES):
            try:
                answer = self.post(f"rewards/{key}/redemptions", player=player, redemption_id=name)
            except httpx.TransportError:
                threading.Event().wait(PAUSE_SECONDS)
                continue
            if answer.status_code not in AGAIN:
                return "redeemed" if answer.status_code in {200, 201} else str(answer.json()["code"])
            threading.Event().wait(PAUSE_SECONDS)
        return "never answered"


@pytest.fixture(scope="module")
def shop(laurel: RunningLaurel) -> Iterator[Shop]:
    shop = Shop(laurel)
    with shop.client:
        yield shop


def coins(laurel: RunningLaurel, prefix: str) -> int:
    """The coins that these players have by their ledgers."""
    query = (
        "SELECT coalesce(sum(amount), 0) FROM ledger g JOIN player p ON p.number = g.player"
        f" WHERE currency = 'coins' AND starts_with(p.id, '{prefix}')"
    )
    return int(rows(settings_of(laurel), query)[0][0])


def assert_lawful(laurel: RunningLaurel) -> None:
    settle(laurel)
    assert "clean" in laurel.laurel("verify").stdout


def test_one_of_a_hundred_players_gets_the_last_item(laurel: RunningLaurel, shop: Shop) -> None:
    players = [f"wants-{n}" for n in range(CROWD)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(shop.give, players))
    answers = shop.rush([("last_mug", player, f"piece-{player}") for player in players])
    assert answers == {"redeemed": 1, "out_of_stock": CROWD - 1}
    assert coins(laurel, "wants-") == 100 * (CROWD - 1)
    assert_lawful(laurel)


def test_a_player_who_spends_the_last_coins_a_hundred_times_spends_them_once(laurel: RunningLaurel, shop: Shop) -> None:
    shop.give("spends")
    answers = shop.rush([("any_mug", "spends", f"coins-{n}") for n in range(CROWD)])
    assert answers == {"redeemed": 1, "insufficient_coins": CROWD - 1}
    assert coins(laurel, "spends") == 0
    assert_lawful(laurel)


def test_the_same_request_a_hundred_times_is_one_redemption(laurel: RunningLaurel, shop: Shop) -> None:
    shop.give("insists")
    assert shop.rush([("any_mug", "insists", "the-same")] * CROWD) == {"redeemed": CROWD}
    assert coins(laurel, "insists") == 0
    assert_lawful(laurel)


def test_servers_that_die_in_between_debit_nobody_twice(laurel: RunningLaurel, shop: Shop) -> None:
    players = [f"dying-{n}" for n in range(20)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(shop.give, players))
    wishes = [("any_mug", player, f"{player}-{n}") for player in players for n in range(5)]
    with ThreadPoolExecutor(1) as side:
        answers = side.submit(shop.rush, wishes)
        for role in ("web", "postgres"):
            laurel.wait_until_replaced(role, laurel.kill(role))
    assert answers.result() == {"redeemed": len(players), "insufficient_coins": 4 * len(players)}
    assert coins(laurel, "dying-") == 0
    assert_lawful(laurel)
