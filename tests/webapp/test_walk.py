"""The main road, walked once in one process: published rules, an event over HTTP, a drain, a leaderboard."""

from collections.abc import Callable

from flask.testing import FlaskClient

from engine.vocabulary.shard import SHARDS
from webapp import projections
from webapp.config import Settings
from webapp.projections import epoch, leaderboards
from webapp.projections.redis import cache_redis
from webapp.services.pipeline.apply_batch import DrainConnections
from webapp.services.pipeline.drain_lane import Pace, drain_round
from webapp.services.pipeline.relay_outbox import relay
from webapp.services.publishing.publish import apply_documents
from webapp.store.system.connection import connect

RULES = [
    {"kind": "metric", "key": "passed", "name": "Passed", "events": ["assessment_submitted"],
     "filter": {">=": [{"var": "event.properties.score"}, 40]}, "aggregate": "count"},
    {"kind": "earning", "key": "pass_xp", "name": "XP for a pass", "trigger": {"events": ["assessment_submitted"]},
     "condition": {">=": [{"var": "event.properties.score"}, 40]},
     "grant": {"xp": {"+": [50, {"var": "event.properties.weight"}]}, "coins": 5}},
    {"kind": "badge", "key": "first_pass", "name": "First pass", "trigger": {"events": ["*"]}, "tier": "bronze",
     "condition": {">=": [{"var": "metric.passed.total"}, 1]}, "grant": {"xp": 10}},
    {"kind": "badge", "key": "marathon", "name": "Marathon", "trigger": {"events": ["*"]}, "tier": "gold",
     "condition": {">=": [{"var": "metric.passed.total"}, 9]}},
    {"kind": "leaderboard", "key": "weekly_xp", "name": "Weekly XP", "score": "xp", "window": "week"},
    {"kind": "leaderboard", "key": "all_time_xp", "name": "All-time XP", "score": "xp", "window": "all_time"},
]  # fmt: skip
EVENT = {
    "id": "ev-1",
    "type": "assessment_submitted",
    "player": "ada",
    "properties": {"assessment": "a1", "score": 91, "weight": 25},
}


def begin(settings: Settings) -> None:
    with connect(settings.database_url) as conn:
        assert apply_documents(conn, RULES, "test", publish=True).problems == []
        conn.commit()
    projections.rebuild(settings)


def test_an_event_becomes_xp_and_a_place_on_the_board(
    settings: Settings, client: FlaskClient, api_key: Callable[..., str]
) -> None:
    begin(settings)
    answer = client.post("/v1/events", json=EVENT, headers={"Authorization": f"Bearer {api_key('events:write')}"})
    assert answer.status_code == 202, answer.text
    with DrainConnections.open(settings) as connections:
        drain_round(connections, list(range(SHARDS)), Pace())
    relay(settings, 100)
    cache = cache_redis(settings)
    name = epoch.current(cache)
    assert name is not None
    rows = leaderboards.page(cache, leaderboards.set_key(name, "all_time_xp", "all"), 0, 10)
    assert [(row.rank, row.score) for row in rows] == [(1, 85.0)]


def test_earned_points_can_be_read_and_explained(
    settings: Settings, client: FlaskClient, api_key: Callable[..., str]
) -> None:
    begin(settings)
    head = {"Authorization": f"Bearer {api_key('events:write', 'players:read', 'leaderboards:read')}"}
    client.post("/v1/events", json=EVENT, headers=head)
    with DrainConnections.open(settings) as connections:
        drain_round(connections, list(range(SHARDS)), Pace())
    relay(settings, 100)
    ada = client.get("/v1/players/ada", headers=head).json
    assert ada is not None
    assert (ada["xp"], ada["coins"], ada["version"]) == (85, 5, 1)
    assert {badge["key"] for badge in ada["badges"]} == {"first_pass"}
    board = client.get("/v1/leaderboards/weekly_xp?around=ada", headers=head).json
    assert board is not None
    assert board["data"] == [{"rank": 1, "player": "ada", "score": 85}]
    why = client.get("/v1/players/ada/rules/marathon/explanation", headers=head).json
    assert why is not None
    assert not why["holds"]
    assert why["missing"]
    for part in ("ledger", "timeline", "badges"):
        assert client.get(f"/v1/players/ada/{part}", headers=head).status_code == 200
