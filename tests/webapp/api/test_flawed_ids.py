"""Ids that could not stand in a URL are flaws like all others: named with their place, and together with them."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

BODIES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "games/reel/tokens": ({"player": "a/b", "luck": 1}, {"/player", "/luck"}),
    "games/reel/plays": ({"play_id": "..", "player": "a/b", "address": 5}, {"/play_id", "/player", "/address"}),
    "rewards/mug/redemptions": (
        {"redemption_id": ".", "player": "", "luck": 1},
        {"/redemption_id", "/player", "/luck"},
    ),
}


@pytest.mark.parametrize(("path", "body", "pointers"), [(path, *case) for path, case in BODIES.items()], ids=BODIES)
def test_flawed_ids_are_named_together_with_every_other_flaw(
    client: FlaskClient, api_key: Callable[..., str], path: str, body: dict[str, Any], pointers: set[str]
) -> None:
    headers = {"Authorization": f"Bearer {api_key('plays:write', 'rewards:redeem')}"}
    answer = client.post(f"/v1/{path}", json=body, headers=headers)
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.get_json()["errors"]} == pointers


@pytest.mark.parametrize(("path", "body", "pointers"), [(path, *case) for path, case in BODIES.items()], ids=BODIES)
def test_flawed_ids_alone_are_named_with_their_place(
    client: FlaskClient, api_key: Callable[..., str], path: str, body: dict[str, Any], pointers: set[str]
) -> None:
    ids = {name: value for name, value in body.items() if name in {"player", "play_id", "redemption_id"}}
    headers = {"Authorization": f"Bearer {api_key('plays:write', 'rewards:redeem')}"}
    answer = client.post(f"/v1/{path}", json=ids, headers=headers)
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.get_json()["errors"]} == pointers & {f"/{name}" for name in ids}
