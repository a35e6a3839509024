"""Rules that keep failing are paused, each by itself; entries and other rules go on."""

import time

import structlog

from webapp.config import Settings
from webapp.services.publishing.publish import pause
from webapp.store.events import fault_log
from webapp.store.system.connection import connect

log = structlog.get_logger()

FAULTS_MAX = 20
WITHIN_MINUTES = 5
CHECK_EVERY_SECONDS = 1.0
_checked_at: dict[str, float] = {}


def pause_failing(settings: Settings) -> list[str]:
    """Pause live rules that failed 20 times in 5 minutes, with an audit entry by `laurel`; returns their keys.

    Checks at most once a second in each process.
    """
    if time.monotonic() - _checked_at.get(settings.database_url, 0) < CHECK_EVERY_SECONDS:
        return []
    _checked_at[settings.database_url] = time.monotonic()

    with connect(settings.database_url) as conn:
        failing = fault_log.failing_rules(conn, faults=FAULTS_MAX, minutes=WITHIN_MINUTES)
        for rule, version in failing:
            pause(conn, rule, by="laurel")
            log.error("rule_paused", rule=rule, version=version)
        conn.commit()
    return [rule for rule, _ in failing]
