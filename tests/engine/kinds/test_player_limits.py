"""Player limits: how much is too much."""

from tests.engine.kinds.kind_laws import KindLaws


class TestPlayerLimits(KindLaws):
    kind = "player_limits"
    least = {"max_events_per_minute": 60}
    members = [
        ("max_events_per_minute", [1, 1_000_000], [0, 1_000_001]),
        ("flag_above_usual", [1.1, 9_999, None], [1, 10_000]),
    ]
    defaults = {"flag_above_usual": None}
    misfits = [
        ({"max_events_per_minute": None}, ""),
    ]
    is_single = True
    sentences = [
        (
            {"max_events_per_minute": 60, "flag_above_usual": 10},
            "Events beyond 60 a minute earn nothing and players with over 10 times their usual events are flagged.",
        ),
    ]
