"""Campaigns: games, pacing and budgets."""

from tests.engine.kinds.kind_laws import CONDITION, KindLaws

GAME = {
    "key": "reel",
    "name": "Reel",
    "starts_at": "2026-12-04T18:00:00Z",
    "ends_at": "2026-12-04T23:00:00Z",
    "budgets": [{"brand": "acme"}],
}


class TestCampaign(KindLaws):
    kind = "campaign"
    least = {"games": [GAME]}
    needed = (
        "games",
        *(f"games/0/{name}" for name in ("key", "name", "starts_at", "ends_at", "budgets")),
        "games/0/budgets/0/brand",
    )
    is_scheduled = True
    members = [
        ("timezone", [None, "Europe/London"], ["player", "Nowhere"]),
        ("condition", [None, CONDITION], [5]),
        (
            "games",
            [[], [{**GAME, "key": f"reel_{number}"} for number in range(50)]],
            [[{**GAME, "key": f"reel_{number}"} for number in range(51)], None],
        ),
        ("games/0/reel_seconds", [None, 0, 60], [-1, 61]),
        ("games/0/decide_within_seconds", [None, 1, 86_400], [0, 86_401]),
        (
            "games/0/pacing",
            [
                None,
                {"strategy": "moments", "unclaimed": "lapse"},
                {"strategy": "adaptive"},
                {"strategy": "odds", "chance": 1},
                {"strategy": "remaining", "slot_seconds": 1},
            ],
            [5],
        ),
        ("games/0/pacing/strategy", ["moments"], ["luck", None]),
        ("games/0/limits/wins_per_player", [None, 1], [0, -1, 0.5]),
        ("games/0/budgets", [[{"brand": "acme"}] * 50], [[], [{"brand": "acme"}] * 51]),
        ("games/0/budgets/0/weight", [None, 1, 1_000_000], [0, 1_000_001]),
    ]
    misfits = [
        ({"games": [GAME] * 2}, "games/1/key"),
    ]
