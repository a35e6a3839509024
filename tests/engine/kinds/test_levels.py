"""Levels: thresholds or a formula."""

from tests.engine.kinds.kind_laws import KindLaws


class TestLevels(KindLaws):
    kind = "levels"
    silent = ("thresholds/0/grant",)
    least = {"thresholds": [{"name": "One", "xp": 0}]}
    needed = ("thresholds/0/name", "thresholds/0/xp")
    members = [
        ("max_level", [1, 1000, None], [0, 1001]),
        (
            "thresholds",
            [
                [{"name": "One", "xp": 0}, {"name": "Two", "xp": 10**15}],
                [{"name": "n", "xp": number} for number in range(200)],
            ],
            [[], [{"name": "n", "xp": number} for number in range(201)]],
        ),
        ("thresholds/0/xp", [0], [1, -1, 0.5, 10**15 + 1]),
        ("thresholds/0/name", ["x" * 80], ["", "x" * 81]),
        ("thresholds/0/grant", [None, {"coins": 5}], [{}, {"coupon_pool": "nonesuch"}]),
        ("grant", [None, {"coins": 5}], [{}]),
    ]
    defaults = {"max_level": None, "grant": None}
    misfits = [
        ({"thresholds": [{"name": "A", "xp": 0}, {"name": "B", "xp": 0}]}, "thresholds/1/xp"),
        ({"formula": "doubling"}, "formula"),
        ({"thresholds": None}, ""),
        ({"thresholds": None, "formula": {"+": [1, {"var": "player.coins"}]}}, "formula/+/1"),
        ({"thresholds": None, "formula": {"if": [{"missing": ["event.type"]}, 1, 2]}}, "formula/if/0/missing/0"),
        ({"thresholds": None, "formula": "tripling"}, "formula"),
    ]
    is_single = True
    sentences = [
        (
            {"formula": "doubling", "grant": {"coins": 10}},
            "Levels: each level takes twice the XP of the one before; each new level gives 10 coins.",
        ),
    ]
