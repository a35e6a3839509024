"""Parked work: what likely helps, and a dry run that says what a replay would come to and writes nothing."""

from collections.abc import Callable

import pytest

from tests.webapp.pages.conftest import Browser
from tests.webapp.services.drains import ask, drain, lesson, post, publish
from webapp.config import Settings
from webapp.services.pipeline.replay_parked import dry_run
from webapp.store.events import parked_entries
from webapp.store.system.connection import connect


@pytest.fixture
def school(settings: Settings) -> Settings:
    """Ada's first lesson was parked for a reason that is gone; Grace's cannot be read."""
    publish(settings)
    post(settings, [lesson(60), lesson(61, "grace")])
    with connect(settings.owner_url) as conn:
        conn.execute("UPDATE entry SET payload = '{' WHERE event_id = 'ev-61'")
        shard = ask(settings, "SELECT inbox.shard FROM inbox JOIN player ON number = inbox.player WHERE id = 'ada'")
        seq = ask(settings, "SELECT seq FROM inbox JOIN player ON number = inbox.player WHERE id = 'ada'")
        parked_entries.park(conn, shard, seq, "failed", "ZeroDivisionError: division by zero")
        conn.commit()
    drain(settings)
    return settings


def test_a_dry_run_shows_what_works_now_and_what_does_not(school: Settings, sign_in: Callable[[str], Browser]) -> None:
    text = " ".join(sign_in("publisher").open("/parked/dry-run").text.split())
    works, fails = text.index("Works"), text.index("Fails again")
    assert "First Step" in text[works:fails]
    assert "DecodeError" in text[fails:]
    assert "Replay the one that works" in text


def test_a_dry_run_writes_nothing(school: Settings) -> None:
    with connect(school.database_url) as conn:
        conn.execute("SET default_transaction_read_only = on")
        conn.commit()
        tried = dry_run(conn, [row[0] for row in conn.execute("SELECT seq FROM parked").fetchall()])
        conn.execute("SET default_transaction_read_only = off")
        conn.commit()
    assert [trial.outcome is None for trial in tried] == [False, True]
    assert ask(school, "SELECT count(*) FROM parked WHERE replayed_at IS NULL") == 2


def test_an_entry_that_works_in_a_dry_run_works_in_a_replay(
    school: Settings, sign_in: Callable[[str], Browser]
) -> None:
    seq = ask(school, "SELECT min(seq) FROM parked")
    sign_in("publisher").send("/parked/replays", "/parked/dry-run", seq=seq)
    assert drain(school) == 1
    with connect(school.database_url) as conn:
        badges = conn.execute("SELECT badge FROM badge_award").fetchall()
    assert badges == [("first_step",)]


def test_parked_entries_suggest_a_fix(school: Settings, sign_in: Callable[[str], Browser]) -> None:
    text = sign_in("viewer").open("/parked").text
    assert "add the condition that the value is above 0" in text
    assert "The entry itself cannot be read" in text
    assert "Dry-run all 2" in text


def test_entries_that_cannot_be_read_for_the_same_reason_are_one_group(
    settings: Settings, sign_in: Callable[[str], Browser]
) -> None:
    publish(settings)
    post(settings, [lesson(70), lesson(71, "grace")])
    with connect(settings.owner_url) as conn:
        conn.execute("UPDATE entry SET payload = '{' WHERE event_id IN ('ev-70', 'ev-71')")
        conn.commit()
    drain(settings)
    text = sign_in("publisher").open("/parked").text
    assert text.count("The newest event") == 1
    assert "rebuild --state" not in text
