"""Leaderboards: what is ranked within which window."""

from tests.engine.kinds.kind_laws import KindLaws


class TestLeaderboard(KindLaws):
    kind = "leaderboard"
    silent = ("limit", "timezone", "finalise_after_hours")
    least = {"score": "xp", "window": "week"}
    needed = ("score", "window")
    members = [
        ("score", ["xp", "coins"], ["level", "metric.nonesuch", "", None]),
        ("window", ["all_time", "day", "week", "month"], ["year", "once", None]),
        ("timezone", [None, "Europe/London"], ["player", "Nowhere"]),
        (
            "segment_by",
            [None, "player.attributes.team", "player.level", "player.state"],
            ["player.xp", "event.type", "team", "player.attributes."],
        ),
        ("limit", [None, 1, 1_000_000], [0, 1_000_001]),
        ("finalise_after_hours", [None, 0, 744], [-1, 745, 0.5]),
    ]
    defaults = {"segment_by": None, "limit": None, "finalise_after_hours": 12}
    sentences = [
        (
            {"score": "metric.passed", "window": "all_time", "segment_by": "player.attributes.club"},
            "Ranks players by Assessments passed of all time, within each club.",
        ),
    ]
