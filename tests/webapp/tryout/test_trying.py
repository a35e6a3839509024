"""A try-out says what workers say, of events that happened, players as they are, and values that somebody types."""

from typing import Any

import pytest

from engine.authoring.jsonlogic.lift import lift
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow
from engine.vocabulary.fact import Catalogue
from tests.webapp.services.drains import ask, drain, post
from tests.webapp.tryout import campus
from webapp.config import Settings
from webapp.runtime import clock
from webapp.services.drafts.sample_trial import TrialInput, TrialResult, try_draft
from webapp.store.system.connection import Connection, connect

KEEN: campus.Raw = {"kind": "earning", "key": "keen", "name": "Keen", **campus.SUBMITTED, "grant": {"xp": 1}}
CONDITION = {"and": [{">=": [campus.SCORE, 60]}, {"or": [
    {">=": [{"var": "metric.passed.this_month"}, 2]}, {">=": [{"var": "player.xp"}, 400]},
    {"===": [{"var": "player.state"}, "ACTIVE"]}]}, {"<": [{"var": "time.weekday"}, 7]}]}  # fmt: skip
TREE = lift(CONDITION, Catalogue())
DAY = 86_400_000_000


@pytest.fixture
def campus_conn(happened: None, settings: Settings) -> Any:
    """A campus where everything has happened under both packs and the rule itself."""
    with connect(settings.database_url) as conn:
        yield conn


def tried(conn: Connection, tree: ConditionGroup = TREE, **given: Any) -> TrialResult:
    result = try_draft(conn, KEEN, tree, TrialInput(**given))
    assert result is not None
    return result


def newest(conn: Connection) -> tuple[int, str, int]:
    """(seq, player, moment) of the newest event."""
    row = conn.execute(
        "SELECT e.seq, p.id, (extract(epoch FROM e.occurred_at) * 1000000)::bigint FROM entry e"
        " JOIN player p ON p.number = e.player WHERE e.type = 'assessment_submitted' ORDER BY e.seq DESC LIMIT 1"
    ).fetchone()
    assert row is not None
    return row


def test_a_trial_says_for_every_event_what_the_worker_gave(settings: Settings) -> None:
    events = campus.history()
    campus.publish(settings, campus.pack("starter") + campus.pack("assessments"))
    campus.publish(settings, [KEEN | {"condition": CONDITION}])
    post(settings, events[:160])
    drain(settings)
    awarded_seqs = set(
        ask(settings, "SELECT array_agg(a.seq) FROM ledger l JOIN applied a USING (shard, n) WHERE rule = 'keen'")
    )
    seqs = ask(settings, "SELECT array_agg(seq ORDER BY seq) FROM entry WHERE type = 'assessment_submitted'")
    with connect(settings.database_url) as conn:
        trials = {seq: tried(conn, event=seq) for seq in seqs[::4]}
    assert {seq for seq, trial in trials.items() if trial.verdict} == awarded_seqs & set(trials)
    assert {seq for seq, trial in trials.items() if trial.award} == awarded_seqs & set(trials)
    assert 0 < len(awarded_seqs & set(trials)) < len(trials)


def test_an_event_is_judged_as_of_the_requested_moment(campus_conn: Connection) -> None:
    seq, _, moment = newest(campus_conn)
    total = ConditionGroup("root", rows=(ConditionRow("c1", "metric.submitted.total", "at_least", 3),))
    assert tried(campus_conn, total, event=seq).verdict
    assert not tried(campus_conn, total, event=seq, at=moment - 3000 * DAY).verdict


def test_another_zone_moves_the_clock(campus_conn: Connection) -> None:
    seq, _, _ = newest(campus_conn)
    hour = ConditionGroup("root", rows=(ConditionRow("c1", "time.hour", "at_least", 0),))
    hours = [tried(campus_conn, hour, event=seq, zone=zone).facts["time.hour"] for zone in ("UTC", "Asia/Tokyo")]
    assert (hours[1] - hours[0]) % 24 == 9


def test_values_changed_by_hand_are_used(campus_conn: Connection) -> None:
    seq, _, _ = newest(campus_conn)
    score = ConditionGroup("root", rows=(ConditionRow("c1", "event.properties.score", "at_least", 40),))
    verdicts = [tried(campus_conn, score, event=seq, values={"event.properties.score": v}).verdict for v in (39, 40)]
    assert verdicts == [False, True]


def test_changed_properties_of_an_event_are_counted_by_metrics_too(campus_conn: Connection) -> None:
    seq, _, _ = newest(campus_conn)
    passed = ConditionGroup("root", rows=(ConditionRow("c1", "metric.passed.total", "at_least", 1),))
    low, high = (
        tried(campus_conn, passed, event=seq, values={"event.properties.score": score}).facts["metric.passed.total"]
        for score in (0, 100)
    )
    assert high == low + 1


def test_a_player_is_judged_as_of_now(campus_conn: Connection) -> None:
    _, player, _ = newest(campus_conn)
    xp = campus_conn.execute("SELECT convert_from(state, 'utf8')::jsonb -> 'xp' FROM player WHERE id = %s", (player,))
    rich = ConditionGroup("root", rows=(ConditionRow("c1", "player.xp", "at_least", 1),))
    assert [tried(campus_conn, rich, player=player).facts["player.xp"]] == list(xp.fetchone() or ())


def test_a_player_had_nothing_before_the_first_event(campus_conn: Connection) -> None:
    _, player, _ = newest(campus_conn)
    rich = ConditionGroup("root", rows=(ConditionRow("c1", "player.xp", "at_least", 1),))
    assert not tried(campus_conn, rich, player=player, at=DAY).verdict


def test_facts_alone_are_judged_at_the_moment_given(conn: Connection) -> None:
    weekend = ConditionGroup(
        "root",
        rows=(ConditionRow("c1", "time.weekday", "one_of", [6, 7]), ConditionRow("c2", "player.level", "at_least", 2)),
    )
    saturday = 1_767_967_200_000_000  # 2026-01-09T14:00:00Z, Saturday in Auckland
    trial_input = {"facts": {"player.level": 3}, "at": saturday}
    assert [tried(conn, weekend, **trial_input, zone=zone).verdict for zone in ("UTC", "Pacific/Auckland")] == [
        False,
        True,
    ]


def test_an_event_that_the_rule_does_not_listen_to_is_no_match(conn: Connection) -> None:
    result = tried(conn, ConditionGroup(), kind="lesson_completed")
    assert (result.verdict, result.is_heard) == (False, False)


def test_an_unfinished_draft_is_judged_by_its_complete_rows(campus_conn: Connection) -> None:
    seq, _, _ = newest(campus_conn)
    half = ConditionGroup(
        "root",
        rows=(ConditionRow("c1", "event.properties.score", "at_least"), ConditionRow("c2", "nonsense.fact", "is", 1)),
    )
    result = try_draft(campus_conn, KEEN | {"grant": {"xp": "?"}}, half, TrialInput(event=seq))
    assert result is not None
    assert (result.award, result.verdict) == (None, False)


def test_unknown_events_and_players_give_no_result(conn: Connection) -> None:
    assert [
        try_draft(conn, KEEN, TREE, trial_input)
        for trial_input in (TrialInput(event=4711), TrialInput(player="nobody"))
    ] == [
        None,
        None,
    ]


def test_refusals_by_limits_are_shown(campus_conn: Connection, settings: Settings) -> None:
    seq, _, _ = newest(campus_conn)
    over = KEEN | {"ends_at": "2001-01-01T00:00:00Z"}
    result = try_draft(campus_conn, over, ConditionGroup(), TrialInput(event=seq))
    assert result is not None
    assert (result.verdict, result.award, result.refused) == (True, None, (("not_in_schedule", ""),))
    assert clock.now_micros() > (result.at or 0)
