"""A laurel mug that costs coins, and a shop in which players redeem it."""

from typing import Any

from flask import Flask

MUG: dict[str, Any] = {
    "kind": "reward",
    "key": "mug",
    "name": "Laurel mug",
    "cost": {"coins": 100},
    "stock": 2,
    "limits": {"per_player": 1},
    "fulfilment": {"by": "hand"},
}


SHOP_SCOPES = ("rewards:redeem", "players:read", "players:write", "players:grant", "players:erase", "events:write")


class Shop:
    """A client that redeems for people, and gives them coins."""

    def __init__(self, app: Flask, key: str) -> None:
        self.app, self.headers = app, {"Authorization": f"Bearer {key}"}

    def post(self, path: str, **body: Any) -> Any:
        return self.app.test_client().post(f"/v1/{path}", json=body, headers=self.headers)

    def get(self, path: str) -> Any:
        return self.app.test_client().get(f"/v1/{path}", headers=self.headers).get_json()

    def give(self, coins: int, player: str = "ada") -> None:
        """Make the player known and give coins by hand."""
        client = self.app.test_client()
        assert client.put(f"/v1/players/{player}", json={}, headers=self.headers).status_code == 200
        assert self.post(f"players/{player}/grants", coins=coins, reason="a gift").status_code == 201

    def redeem(self, name: str = "r1", player: str = "ada", reward: str = "mug") -> Any:
        return self.post(f"rewards/{reward}/redemptions", player=player, redemption_id=name)

    def coins(self, player: str = "ada") -> int:
        return int(self.get(f"players/{player}")["coins"])
