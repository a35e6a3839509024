"""Verify finds every kind of drift and names it; a rebuild puts it right."""

import pytest

from tests.webapp.services.drains import ask, assert_true_to_the_log, drain, lessons, post, publish
from webapp.config import Settings
from webapp.services.history.rebuild_state import rebuild_state
from webapp.services.history.verify import verify
from webapp.store.system.connection import connect

DRIFTS = {
    "a state": "UPDATE player SET state = '{}' WHERE number = (SELECT min(number) FROM player)",
    "a version": "UPDATE player SET version = version + 1 WHERE number = (SELECT min(number) FROM player)",
    "a ledger line too many": "INSERT INTO ledger SELECT shard, n, 9, player, 'xp', 5, 5, 'x', 1, '', at FROM ledger"
    " LIMIT 1",
    "a ledger line missing": "DELETE FROM ledger WHERE ctid = (SELECT max(ctid) FROM ledger)",
    "an amount": "UPDATE ledger SET amount = amount + 1 WHERE ctid = (SELECT min(ctid) FROM ledger)",
    "a badge missing": "DELETE FROM badge_award WHERE player = (SELECT min(player) FROM badge_award)",
    "a badge too many": "INSERT INTO badge_award SELECT player, 'x', '', shard, n, seq, '', 1, at"
    " FROM badge_award LIMIT 1",
    "a completion missing": "DELETE FROM mission_completion"
    " WHERE player = (SELECT min(player) FROM mission_completion)",
    "a key missing": "DELETE FROM player_set_member WHERE ctid = (SELECT min(ctid) FROM player_set_member)",
    "an outcome": "UPDATE applied SET outcome = NULL WHERE n = 1 AND outcome IS NOT NULL",
}
BEYOND_REPAIR = {
    "an applied row missing": "DELETE FROM applied WHERE ctid = (SELECT min(ctid) FROM applied)",
    "an entry in two places": "INSERT INTO inbox SELECT shard, seq, received_on, received_at, player"
    " FROM entry LIMIT 1",
}


@pytest.fixture
def school(settings: Settings) -> Settings:
    publish(settings)
    post(settings, lessons(80))
    drain(settings)
    return settings


def spoil(settings: Settings, statement: str) -> None:
    with connect(settings.owner_url) as conn:
        assert conn.execute(statement).rowcount >= 1
        conn.commit()


@pytest.mark.parametrize("statement", [*DRIFTS.values(), *BEYOND_REPAIR.values()], ids=[*DRIFTS, *BEYOND_REPAIR])
def test_every_drift_is_found(school: Settings, statement: str) -> None:
    assert_true_to_the_log(school)
    spoil(school, statement)
    assert verify(school).differences != []


def test_a_rebuild_corrects_everything(school: Settings) -> None:
    before = assert_true_to_the_log(school).state_hash
    for statement in DRIFTS.values():
        spoil(school, statement)
    assert rebuild_state(school) != []
    assert assert_true_to_the_log(school).state_hash == before


def test_verify_runs_while_more_comes_in(school: Settings) -> None:
    post(school, lessons(120))
    verdict = verify(school, lambda done, _: drain(school) if done == 16 else None)
    assert [str(difference) for difference in verdict.differences] == []
    assert ask(school, "SELECT count(*) > 80 FROM applied")


def test_the_run_time_role_cannot_rewrite_history(school: Settings) -> None:
    with connect(school.database_url) as conn:
        for table in ("ledger", "applied", "entry", "audit_entry"):
            allowed = conn.execute("SELECT has_table_privilege(%s, 'UPDATE,DELETE,TRUNCATE')", (table,)).fetchone()
            assert allowed == (False,)
