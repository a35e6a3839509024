"""The rules that the tests of scoring share, and histories that Hypothesis draws for them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from engine.vocabulary.entry import Entry
from tests import presets
from tests.builders import CONTRACT, DAY, HOUR, make_entry, moment

SCORE = {"var": "event.properties.score"}


def rule(kind: str, key: str, **members: Any) -> dict[str, Any]:
    """A rule document; kinds that need a trigger listen to everything unless told otherwise."""
    needs_trigger = kind in {"earning", "badge", "mission"}
    trigger = {"trigger": {"events": ["*"]}} if needs_trigger else {}
    return {"kind": kind, "key": key, "name": key.replace("_", " ").capitalize(), **trigger, **members}


def metric(key: str, aggregate: str = "count", **members: Any) -> dict[str, Any]:
    """A metric over every event; all but counts look at the score."""
    of = {} if aggregate == "count" else {"property": "score"}
    return rule("metric", key, **{"events": ["*"], "aggregate": aggregate, **of, **members})


def earning(key: str, grant: Any, **members: Any) -> dict[str, Any]:
    """A rule that gives XP, or all that a dict says."""
    return rule(
        "earning", key, grant=grant if isinstance(grant, dict) and "var" not in grant else {"xp": grant}, **members
    )


def board(key: str, score: str = "xp", window: str = "week", **members: Any) -> dict[str, Any]:
    """A leaderboard in UTC."""
    return rule("leaderboard", key, score=score, window=window, **members)


def streak(key: str = "daily", every: str = "day", **freezes: Any) -> dict[str, Any]:
    """A streak over every event."""
    return rule("streak", key, events=["*"], every=every, freezes=freezes or None)


def everything() -> list[dict[str, Any]]:
    """The contract's example, the lifecycle preset, and what it has no example of: all kinds and aggregates."""
    looking_back = {">=": [{"var": "metric.scores.last_60_days"}, 3]}
    return [
        *CONTRACT,
        *presets.lifecycle(),
        *(metric(f"score_{aggregate}", aggregate) for aggregate in ("max", "min", "last")),
        metric("scores", "distinct"),
        streak("weekly", "week", initial=1, max=2, earn_every=2),
        streak("frozen", initial=1, max=3, earn_every=3),
        earning("often", {"xp": 7, "coins": 1}, limits={"max_xp_per_day": 20, "cooldown_seconds": 600}),
        *(
            earning(f"pays_{key}_{window}", {"coins": {"var": f"metric.{key}.{window}"}})
            for key in ("passed", "scores")
            for window in ("today", "this_week", "this_month", "last_60_days")
        ),
        rule("badge", "explorer", condition=looking_back, repeat="week", grant={"coins": 3}),
        rule("badge", "rich", condition={">=": [{"var": "player.xp"}, 50]}, repeat="day", grant={"coins": 1}),
        rule("badge", "trader", condition={">=": [{"var": "player.level"}, 2]}, tier="gold", grant={"xp": 60}),
        rule(
            "mission", "three_this_month", goal={"target": 3}, period="month", timezone="Asia/Tokyo", grant={"xp": 30}
        ),
        board("by_scores", "metric.scores", "month", segment_by="player.attributes.plan"),
        board("best", "metric.score_max", "all_time"),
        board(
            "coins_today", "coins", "day", timezone="Europe/London", segment_by="player.level", finalise_after_hours=744
        ),
        rule("boost", "double", multiplier=1.5, starts_at="2026-11-10T00:00:00Z", ends_at="2026-11-14T00:00:00Z"),
        rule("segment", "scorers", condition={">=": [{"var": "metric.passed.total"}, 2]}),
        rule("player_limits", "limits", max_events_per_minute=3, flag_above_usual=4),
    ]


_PROPERTIES = st.fixed_dictionaries(
    {},
    optional={
        "score": st.one_of(st.integers(0, 100), st.sampled_from([None, "90", 12.5, 0.1, True, -3.25])),
        "weight": st.sampled_from([0, 1, 2.5, -80, 10**6, None, "x"]),
        "assessment": st.sampled_from(["a", "b", 1, 1.0, None]),
    },
)
_TYPES = st.sampled_from(["lesson_completed", "assessment_submitted", "peer_helped", "course_completed"])
_OWN = st.sampled_from(
    [
        ("laurel.tick", {}),
        ("laurel.profile", {"timezone": "Asia/Tokyo"}),
        ("laurel.profile", {"timezone": "America/New_York", "attributes": {"plan": "pro"}}),
        ("laurel.profile", {"attributes": {"plan": None}}),
        ("laurel.grant", {"xp": 40, "coins": 5, "reason": "kind", "by": "op"}),
        ("laurel.grant", {"badge": "trader", "reason": "kind", "by": "op"}),
        ("laurel.revocation", {"coins": 1000, "xp": 25, "reason": "error", "by": "op"}),
        ("laurel.revocation", {"badge": "trader", "reason": "error", "by": "op"}),
        ("laurel.streak_freeze", {"streak": "frozen", "count": 2}),
        ("laurel.streak_pause", {"streak": None, "from": "2026-11-12", "to": "2026-11-15"}),
    ]
)
_START = moment("2026-11-09")


@st.composite
def histories(draw: st.DrawFn, most: int = 40) -> list[Entry]:
    """Entries of one player in the order of application: mostly forward in time, some of them long late."""
    now, entries = _START, list[Entry]()
    for seq in range(1, draw(st.integers(1, most)) + 1):
        now += draw(st.sampled_from([0, 1_000_000, HOUR, 5 * HOUR, DAY, DAY, 2 * DAY, 40 * DAY]))
        occurred_at = now
        if entries and draw(st.integers(0, 3)) == 0:  # late: on or beside the day of an entry before
            occurred_at = draw(st.sampled_from(entries)).occurred_at + draw(st.sampled_from([0, 0, -DAY, DAY]))
        if draw(st.integers(0, 5)):
            kind, properties = draw(_TYPES), draw(_PROPERTIES)
        else:
            kind, properties = draw(_OWN)
        received_at = now + draw(st.sampled_from([0, 0, DAY]))
        entries.append(make_entry(kind, occurred_at, seq=seq, n=seq, received_at=received_at, properties=properties))
    return entries


def split(entries: Sequence[Entry], cuts: Sequence[int]) -> list[Sequence[Entry]]:
    """Entries in batches that end at these places."""
    bounds = [0, *sorted({cut % (len(entries) + 1) for cut in cuts}), len(entries)]
    return [entries[a:b] for a, b in pairwise(bounds) if b > a]
