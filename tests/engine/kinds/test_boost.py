"""Boosts: what is multiplied, for whom, how long."""

from tests.engine.kinds.kind_laws import CONDITION, KindLaws


class TestBoost(KindLaws):
    kind = "boost"
    least = {"multiplier": 2}
    needed = ("multiplier",)
    is_scheduled = True
    members = [
        ("multiplier", [0.5, 99.9], [0, 1, 100, -1, "2", None, True]),
        ("currencies", [None, ["xp"], ["coins", "xp"]], [[], "xp"]),
        ("currencies/0", ["xp"], ["gold", 5]),
        ("targets", [None], [[], "badge"]),
        ("targets/0", [], ["nonesuch", "A", 5]),
        ("segment", [None], ["nonesuch", 5]),
        ("condition", [None, CONDITION], [5]),
    ]
    defaults = {"currencies": ["xp", "coins"], "targets": None, "segment": None, "condition": None}
    sentences = [
        (
            {
                "multiplier": 1.5,
                "currencies": ["coins"],
                "targets": ["pass_xp"],
                "ends_at": "2026-12-04T18:00:00+01:00",
            },
            "Multiplies coins from XP for a pass by 1.5, until 2026-12-04 18:00 +01:00.",
        ),
        ({"multiplier": 2, "segment": "big_spenders"}, "Multiplies XP and coins by 2 for players in big spenders."),
    ]
