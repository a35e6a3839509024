"""A rule that breaks hurts nobody else: its faults are kept, and after twenty of them it is paused by itself."""

from collections.abc import Iterator

import pytest

from tests.builders import breaking
from tests.webapp.services.drains import ask, drain, lesson, lessons, post, publish
from webapp.config import Settings
from webapp.services.pipeline import rule_faults
from webapp.services.pipeline.rule_faults import pause_failing
from webapp.store.rules import rulebooks
from webapp.store.system.connection import connect


@pytest.fixture
def broken(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A school whose rule for XP breaks at every lesson."""
    monkeypatch.setattr(rule_faults, "CHECK_EVERY_SECONDS", 0.0)
    publish(settings)
    with connect(settings.database_url) as conn:
        condition = rulebooks.live(conn).rules["lesson_xp"].condition
    with breaking(condition, "by design"):
        yield settings


def statuses(settings: Settings) -> dict[str, str]:
    with connect(settings.database_url) as conn:
        return dict(conn.execute("SELECT key, status FROM rule WHERE kind = 'earning'").fetchall())


def test_a_failing_rule_does_not_stop_other_rules(broken: Settings) -> None:
    post(broken, lessons(7))
    drain(broken)
    paid_lines = "SELECT count(*) FROM ledger WHERE rule = %s"
    assert [ask(broken, paid_lines, rule) for rule in ("lesson_xp", "new_course")] == [0, 7]
    assert ask(broken, "SELECT count(*) FROM parked") == 0
    assert ask(broken, "SELECT min(detail) FROM rule_fault") == "ZeroDivisionError: by design"


def test_nineteen_faults_are_tolerated(broken: Settings) -> None:
    post(broken, lessons(19))
    drain(broken)
    assert pause_failing(broken) == []
    assert statuses(broken) == {"lesson_xp": "live", "new_course": "live"}


def test_after_twenty_faults_a_rule_is_paused_and_reported(broken: Settings) -> None:
    post(broken, lessons(20))
    drain(broken)
    assert statuses(broken) == {"lesson_xp": "paused", "new_course": "live"}
    noted = "SELECT actor FROM audit_entry WHERE subject LIKE '%%lesson_xp' AND action LIKE '%%pause%%'"
    assert ask(broken, noted) == "laurel"


def test_old_faults_no_longer_count(broken: Settings) -> None:
    post(broken, lessons(19))
    drain(broken)
    with connect(broken.owner_url) as conn:
        conn.execute("UPDATE rule_fault SET at = at - interval '6 min'")
        conn.commit()
    post(broken, [lesson(100)])
    drain(broken)
    assert statuses(broken)["lesson_xp"] == "live"
