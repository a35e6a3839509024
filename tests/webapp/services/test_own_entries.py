"""Whatever is done to a player by hand, and whatever goes in and out of force: the tables are true to the log.

The engine's part of this law, with many more steps, is in `tests/engine/scoring/test_own_entries.py`.
"""

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from engine.vocabulary.shard import shard_of
from tests.lengths import brief_or_long
from tests.webapp.services.drains import MONDAY, RULES, drain, lesson, post, publish
from webapp.config import Settings
from webapp.services.history.rebuild_state import rebuild_state
from webapp.services.history.verify import VerifyReport, verify_shard
from webapp.services.publishing.finish_publication import finish_now
from webapp.services.publishing.publish import AWARD, apply_documents
from webapp.services.publishing.rule_changes import archive_rule
from webapp.store.system.connection import connect

DAY = 86_400_000_000
WHEN = {"trigger": {"events": ["lesson_completed"]}, "condition": None}
BADGES = {
    "thanks": {"kind": "badge", "key": "thanks", "name": "Thanks", **WHEN, "grant": {"xp": 100, "coins": 40}},
    "daily": {"kind": "badge", "key": "daily_thanks", "name": "Daily", **WHEN, "repeat": "day", "grant": {"coins": 2}},
    "every": {"kind": "badge", "key": "every_thanks", "name": "Every", **WHEN, "repeat": "always"},
}
HELD = st.sampled_from(["thanks", "daily_thanks", "every_thanks", "first_step"])
OPERATIONS = st.one_of(
    st.tuples(st.just("lesson"), st.integers(0, 3)),
    st.tuples(st.just("grant"), HELD),
    st.tuples(st.just("revoke"), HELD),
    st.tuples(st.just("give_back"), HELD),
    st.tuples(st.just("freeze"), st.integers(1, 2)),
    st.tuples(st.just("pause"), st.integers(5, 9)),
    st.tuples(st.just("archive"), st.sampled_from(sorted(BADGES))),
    st.tuples(st.just("publish"), st.sampled_from(sorted(BADGES))),
)


class OnePlayer:
    """One player of an example, to whom operations are applied through the API and the services."""

    def __init__(self, settings: Settings, call: Callable[..., Any], number: int) -> None:
        self.settings, self.call, self.name, self.count = settings, call, f"ada-{number}", number * 1000
        self.periods: dict[str, str | None] = {}

    def apply(self, operation: tuple[str, Any]) -> None:
        name, subject = operation
        getattr(self, name)(subject)

    def lesson(self, day: int) -> None:
        self.count += 1
        post(self.settings, [lesson(self.count, self.name, at=MONDAY + day * DAY + self.count)])
        drain(self.settings)

    def held(self, badge: str) -> list[str | None]:
        return [held["period"] for held in self.call("GET", self.name).json["badges"] if held["key"] == badge]

    def change(self, path: str, body: dict[str, Any], *, is_possible: bool) -> None:
        answer = self.call("POST", f"{self.name}/{path}", {**body, "reason": "test"})
        assert answer.status_code == 201 if is_possible else answer.status_code in (409, 422), answer.json

    def grant(self, badge: str) -> None:
        answer = self.call("POST", f"{self.name}/grants", {"badge": badge, "reason": "test"})
        assert answer.status_code in (201, 409, 422)

    def revoke(self, badge: str) -> None:
        periods = self.held(badge)
        period = periods[0] if periods else None
        content = {"badge": badge, "period": period} if period else {"badge": badge}
        self.change("revocations", content, is_possible=bool(periods))
        if periods:
            self.periods[badge] = period
            assert self.held(badge) == periods[1:]

    def give_back(self, badge: str) -> None:
        if badge in self.periods:
            period = self.periods.pop(badge)
            content = {"badge": badge, "period": period} if period else {"badge": badge}
            self.call("POST", f"{self.name}/grants", {**content, "reason": "test"})

    def freeze(self, count: int) -> None:
        self.call("POST", f"{self.name}/streaks/daily/freezes", {"count": count})

    def pause(self, day: int) -> None:
        body = {"from": f"2026-01-0{day}", "to": f"2026-01-0{day}"}
        assert self.call("POST", f"{self.name}/streaks/daily/pauses", body).status_code == 201

    def archive(self, badge: str) -> None:
        archive_rule(self.settings, BADGES[badge]["key"], "test")

    def publish(self, badge: str) -> None:
        with connect(self.settings.database_url) as conn:
            applied = apply_documents(conn, [BADGES[badge]], "test", publish=True, past=AWARD)
            conn.commit()
        assert applied.problems == []
        if applied.job:
            finish_now(self.settings, applied.job)


def test_any_order_of_changes_by_hand_is_true_to_the_log(
    settings: Settings, client: FlaskClient, api_key: Callable[..., str]
) -> None:
    headers = {"Authorization": f"Bearer {api_key('players:write', 'players:grant', 'players:read')}"}

    def call(method: str, path: str, body: Any = None) -> Any:
        return client.open(f"/v1/players/{path}", method=method, json=body, headers=headers)

    publish(settings, [*RULES, *BADGES.values()])
    numbers = iter(range(1, 100_000))

    @hypothesis_settings(
        max_examples=brief_or_long(8, 80), suppress_health_check=list(HealthCheck), deadline=None, derandomize=True
    )
    @given(st.lists(OPERATIONS, min_size=4, max_size=12))
    def try_one(operations: list[tuple[str, Any]]) -> None:
        player = OnePlayer(settings, call, next(numbers))
        player.lesson(0)
        for operation in operations:
            player.apply(operation)
        assert_shard_is_true(settings, player.name)

    try_one()
    assert rebuild_state(settings) == []


def assert_shard_is_true(settings: Settings, player: str) -> None:
    report = VerifyReport()
    with connect(settings.database_url) as conn:
        verify_shard(conn, shard_of(player), report)
    assert [str(difference) for difference in report.differences] == []
