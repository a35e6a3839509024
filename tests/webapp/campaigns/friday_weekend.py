"""Friday Weekend, now: a campaign whose reel is open, and plays sent to it."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient

from webapp.config import Settings
from webapp.services.plays.drain_games import drain_round
from webapp.services.publishing.publish import PublicationResult, apply_documents
from webapp.store.campaigns import plays
from webapp.store.system.connection import Connection, connect

HOUR = timedelta(hours=1)
ALWAYS = {"strategy": "odds", "chance": 1}


def moment(offset: timedelta) -> str:
    """A moment that far from now."""
    return (datetime.now(UTC) + offset).isoformat()


def friday(**parts: Any) -> dict[str, Any]:
    """The campaign: one reel that is open for two hours, ten coffees and five bikes, every play wins."""
    game = {
        "key": "reel",
        "name": "Friday reel",
        "starts_at": moment(-HOUR),
        "ends_at": moment(HOUR),
        "pacing": ALWAYS,
        "budgets": [budget("coffee", 10), budget("bikes", 5)],
    } | parts.pop("game", {})
    return {"kind": "campaign", "key": "friday", "name": "Friday Weekend", "games": [game]} | parts


def budget(brand: str, count: int, **parts: Any) -> dict[str, Any]:
    """So many coupons of a brand."""
    return {"brand": brand, "coupons": {"generate": {"count": count, "pattern": f"{brand.upper()}-########"}}} | parts


def publish(conn: Connection, *documents: dict[str, Any]) -> PublicationResult:
    """Publish documents and commit."""
    applied = apply_documents(conn, deepcopy(list(documents)), "mira", publish=True)
    assert not applied.problems, applied.problems
    conn.commit()
    return applied


def drain(settings: Settings) -> int:
    """Decide everything that waits."""
    decided = 0
    with connect(settings.database_url) as conn:
        while games := plays.waiting_games(conn):
            conn.rollback()
            done = drain_round(conn, settings, games)
            if not done:
                break
            decided += done
    return decided


class Player:
    """A client that plays for people."""

    def __init__(self, client: FlaskClient, key: str, game: str = "reel") -> None:
        self.client, self.game = client, game
        self.headers = {"Authorization": f"Bearer {key}"}

    def play(self, play_id: str, player: str = "ada", game: str | None = None) -> Any:
        """Send one play."""
        path, sent = f"/v1/games/{game or self.game}/plays", {"play_id": play_id, "player": player}
        return self.client.post(path, json=sent, headers=self.headers)

    def result(self, play_id: str, query: str = "") -> Any:
        """Ask for one play's outcome."""
        return self.client.get(f"/v1/plays/{play_id}{query}", headers=self.headers).get_json()
