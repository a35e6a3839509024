"""The demo's campaign, Friday Weekend: its dates are moved so that its first game is open now."""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "data" / "friday_weekend.json"
CAMPAIGN = "friday_weekend"


def documents(now: datetime, edition: int = 1) -> list[dict[str, Any]]:
    """The campaign and its rewards, the first game open since the last full minute.

    A campaign that is over is over for good; the next edition has keys and a name of its own.
    """
    originals: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    shift = now.replace(second=0, microsecond=0) - datetime.fromisoformat(originals[0]["starts_at"])
    campaign = _moved(originals[0], lambda moment: (datetime.fromisoformat(moment) + shift).isoformat())
    return [_numbered(campaign, edition), *originals[1:]]


def key_of(edition: int) -> str:
    """The campaign's key in one of its editions."""
    return CAMPAIGN if edition == 1 else f"{CAMPAIGN}_{edition}"


def _moved(campaign: dict[str, Any], move: Callable[[str], str]) -> dict[str, Any]:
    moved = deepcopy(campaign)
    for part in (moved, *moved["games"]):
        part["starts_at"], part["ends_at"] = move(part["starts_at"]), move(part["ends_at"])
    return moved


def _numbered(campaign: dict[str, Any], edition: int) -> dict[str, Any]:
    if edition == 1:
        return campaign
    games = [{**game, "key": f"{game['key']}_{edition}"} for game in campaign["games"]]
    return {**campaign, "key": key_of(edition), "name": f"{campaign['name']} {edition}", "games": games}
