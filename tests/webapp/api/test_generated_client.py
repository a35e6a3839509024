"""A client that openapi-python-client makes from the description lacks nothing, and works against a running app."""

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from werkzeug.serving import make_server

from tests.webapp.campaigns.friday_weekend import drain as decide
from tests.webapp.campaigns.friday_weekend import friday, publish
from tests.webapp.services import drains
from webapp.api.openapi.operations import OPERATION_IDS

PACKAGE = "laurel_client"


@pytest.fixture
def description(client) -> Any:
    return client.get("/v1/openapi.json").json


@pytest.fixture
def generated(description, tmp_path: Path, monkeypatch) -> Iterator[Path]:
    """The package of the client, which can be imported during the test."""
    (tmp_path / "openapi.json").write_text(json.dumps(description))
    (tmp_path / "config.yaml").write_text("post_hooks: []\n")  # formatting what nobody reads takes longer than the rest
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning", "--meta", "none"]
    command += ["--config", "config.yaml", "--path", "openapi.json", "--output-path", PACKAGE]
    made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (made.returncode, made.stdout.strip(), made.stderr) == (0, f"Generating {PACKAGE}", "")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path / PACKAGE
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture
def served(app, settings) -> Iterator[str]:
    """The address of the app, behind a real socket, with a worker beside it."""
    server, has_ended = make_server("127.0.0.1", 0, app, threaded=True), Event()

    def work() -> None:
        while not has_ended.wait(0.02):
            drains.drain(settings)
            decide(settings)

    threads = [Thread(target=server.serve_forever), Thread(target=work)]
    for thread in threads:
        thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    has_ended.set()
    for thread in threads:
        thread.join()
    server.server_close()


def test_nothing_is_left_out_and_everything_works(generated: Path, description, conn, served, api_key) -> None:
    assert {path.stem for path in generated.glob("api/*/*.py")} - {"__init__"} == set(OPERATION_IDS.values())
    documents = [name for name in description["components"]["schemas"] if name.endswith("Document")]
    models = import_module(f"{PACKAGE}.models")
    assert [name for name in documents if not hasattr(models, name)] == []

    def call(path: str, *arguments: Any, **named: Any) -> Any:
        return import_module(f"{PACKAGE}.api.{path}").sync(*arguments, client=app, **named)

    client = import_module(f"{PACKAGE}.client")
    app = client.AuthenticatedClient(base_url=served, token=api_key("admin"), raise_on_unexpected_status=True)

    lesson_xp = models.EarningDocument.from_dict({
        "kind": "earning", "key": "lesson_xp", "name": "XP for a lesson", "trigger": {"events": ["lesson"]},
        "condition": {">=": [{"var": "event.properties.score"}, 40]}, "grant": {"xp": 50, "coins": 5},
    })  # fmt: skip
    mug = models.RewardDocument.from_dict({"kind": "reward", "key": "mug", "name": "Mug", "cost": {"coins": 4}})
    applied = call("rules.apply_rules", body=[lesson_xp, mug], publish=models.ApplyRulesPublish.TRUE)
    assert applied.versions.to_dict() == {"lesson_xp": 1, "mug": 1}
    assert call("rules.get_rule", "lesson_xp").document.to_dict()["grant"] == {"xp": 50, "coins": 5}

    properties = models.EventBodyProperties.from_dict({"score": 95})
    event = models.EventBody(id="ev-1", type_="lesson", player="ada", properties=properties)
    receipt = call("events.send_events", body=event, prefer="wait=10")
    assert [(outcome.xp, outcome.coins) for outcome in receipt.outcomes] == [(50, 5)]
    batch = models.EventBatchBody(events=[event])
    assert call("events.send_events", body=batch).duplicate == 1
    assert call("events.get_event", "ev-1").received_at.tzinfo is not None

    profile = call("players.get_player", "ada")
    assert (profile.player, profile.xp, profile.coins) == ("ada", 50, 5)
    redemption = call("rewards.redeem_reward", "mug", body=models.RedemptionBody(player="ada", redemption_id="r1"))
    assert (redemption.reward, redemption.balance) == ("mug", 1)
    refused = call("rewards.redeem_reward", "mug", body=models.RedemptionBody(player="ada", redemption_id="r2"))
    assert (refused.status, refused.code) == (409, "insufficient_coins")

    publish(conn, friday())
    played = call("plays.play", "reel", body=models.PlayBody(play_id="p1", player="ada"))
    assert played.play_id == "p1"
    burst = models.PlayBatchBody(plays=[models.PlayBody(play_id="p2", player="ada")])
    assert call("plays.play", "reel", body=burst).accepted == 1
    play = call("plays.get_play", "p1", wait=10)
    assert (play.status, bool(play.coupon.code)) == ("won", True)


def test_titles_are_unique_and_every_array_says_what_is_in_it(description) -> None:
    schemas = description["components"]["schemas"]
    titles = [schema["title"] for schema in schemas.values() if "title" in schema]
    assert len(titles) == len(set(titles))
    assert [place for place, array in arrays(description) if not {"items", "prefixItems"} & array.keys()] == []
    assert [server["url"] for server in description["servers"]] == ["http://127.0.0.1:8000"]


def arrays(value: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of an array, with its place."""
    if isinstance(value, dict):
        kinds = value.get("type")
        if kinds == "array" or (isinstance(kinds, list) and "array" in kinds):
            yield place, value
        for name, inner in value.items():
            yield from arrays(inner, f"{place}/{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from arrays(inner, f"{place}/{index}")


def test_every_text_that_is_a_time_says_so(description) -> None:
    for name, schema in description["components"]["schemas"].items():
        for member, shape in schema.get("properties", {}).items():
            if member.endswith("_at"):
                options = [option for option in (shape, *shape.get("anyOf", ())) if option.get("type") == "string"]
                assert all(option.get("format") == "date-time" for option in options), (name, member)
