"""Commands that look after a running Laurel: settle, verify, rebuild, status; what they print, and their exit codes."""

from collections.abc import Callable

import pytest
from click.testing import Result

from tests.webapp.services.drains import ask, drain, lessons, post, publish
from webapp import projections
from webapp.config import Settings
from webapp.projections import epoch
from webapp.projections.redis import cache_redis
from webapp.services.pipeline.relay_outbox import relay
from webapp.store.system.connection import connect

Laurel = Callable[..., Result]


@pytest.fixture
def school(settings: Settings) -> Settings:
    """Twenty lessons are applied and told."""
    publish(settings)
    projections.rebuild(settings)
    post(settings, lessons(20))
    drain(settings)
    relay(settings, 1000)
    return settings


def drift(settings: Settings) -> None:
    """One balance in the ledger is not what the log says."""
    with connect(settings.owner_url) as conn:
        conn.execute("UPDATE player SET state = convert_to('{\"xp\":1}', 'utf8') WHERE id = 'player-1'")
        conn.commit()


def test_settle_ends_at_once_where_nothing_waits(school: Settings, laurel: Laurel) -> None:
    assert (laurel("settle", "--timeout", "0").exit_code, ask(school, "SELECT count(*) FROM inbox")) == (0, 0)


def test_settle_ends_with_1_and_the_reason_when_its_time_is_over(school: Settings, laurel: Laurel) -> None:
    post(school, [event for event in lessons(25) if event.id in {"ev-20", "ev-21"}])
    ended = laurel("settle", "--timeout", "0.2")
    assert ended.exit_code == 1
    assert "not settled after 0.2 s: 2 entries waiting to be applied" in ended.output


def test_settle_waits_for_projections_too(school: Settings, laurel: Laurel) -> None:
    cache_redis(school).flushall()
    ended = laurel("settle", "--timeout", "0")
    assert (ended.exit_code, "projections are being rebuilt" in ended.output) == (1, True)


def test_verify_prints_a_stable_hash_of_a_clean_state(school: Settings, laurel: Laurel) -> None:
    first, second = laurel("verify"), laurel("verify")
    assert (first.exit_code, first.stdout) == (0, second.stdout)
    assert first.stdout.startswith("clean: 20 entries, 7 players, state ")


def test_verify_ends_with_1_and_names_every_difference(school: Settings, laurel: Laurel) -> None:
    drift(school)
    ended = laurel("verify")
    assert ended.exit_code == 1
    assert "player" in ended.stdout.splitlines()[0]
    assert "differences: 20 entries" in ended.stdout.splitlines()[-1]


def test_rebuild_writes_projections_anew_and_leaves_the_state_alone(school: Settings, laurel: Laurel) -> None:
    drift(school)
    cache = cache_redis(school)
    before = epoch.current(cache)
    assert laurel("rebuild").output == "projections rebuilt\n"
    assert epoch.current(cache) not in {None, before}
    assert laurel("verify").exit_code == 1


def test_rebuild_of_the_state_corrects_what_verify_found(school: Settings, laurel: Laurel) -> None:
    drift(school)
    assert "differences corrected" in laurel("rebuild", "--state").output
    assert laurel("verify").exit_code == 0


def test_status_shows_everything_on_one_screen(school: Settings, laurel: Laurel) -> None:
    status = laurel("status")
    assert status.exit_code == 0
    for word in (
        "Processes",
        "backlog",
        "outbox",
        "applied",
        "20 entries",
        "players",
        "parked",
        "Versions",
        "Postgres",
    ):
        assert word in status.output
    assert len(status.output.splitlines()) < 40
