"""Earning rules: what may be given, within which limits."""

from tests.engine.kinds.kind_laws import EVENTS, KindLaws


class TestEarning(KindLaws):
    kind = "earning"
    least = {**EVENTS, "grant": {"xp": 1}}
    needed = ("trigger", "trigger/events", "grant")
    is_scheduled = True
    members = [
        ("grant/xp", [0, 1.5, {"+": [1, {"var": "event.properties.weight"}]}], [-1, "5", True, {"-": [1, 2]}]),
        ("limits", [None, {}], [5]),
        (
            "limits/once_per",
            [None, ["event.type"], ["event.properties.a", "time.date", "player.attributes.b"]],
            [[], [f"event.properties.p{number}" for number in range(6)]],
        ),
        ("limits/once_per/0", ["event.type"], ["metric.m.total", "player.xp", "", 5]),
        ("limits/max_xp_per_day", [None, 0, 10**12], [-1, 10**12 + 1, 0.5]),
        ("limits/cooldown_seconds", [None, 0, 366 * 86_400], [-1, 366 * 86_400 + 1, 0.5]),
    ]
    defaults = {"condition": None, "limits": {"once_per": None, "max_xp_per_day": None, "cooldown_seconds": 0}}
    sentences = [
        (
            {"grant": {"xp": {"*": [{"var": "event.properties.amount"}, 2]}}, "limits": {"cooldown_seconds": 7200}},
            "When …, give amount × 2 as XP, at most once every 2 hours.",
        ),
    ]
