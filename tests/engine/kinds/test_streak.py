"""Streaks: periods in a row, and freezes."""

from tests.engine.kinds.kind_laws import CONDITION, KindLaws


class TestStreak(KindLaws):
    kind = "streak"
    silent = ("freezes/earn_every",)
    least = {"events": ["*"], "every": "day"}
    needed = ("events", "every")
    is_scheduled = True
    members = [
        ("every", ["day", "week", "month"], ["year", "once", None]),
        ("freezes", [None, {}, {"initial": 0, "max": 100, "earn_every": 1}], [5]),
        ("freezes/max", [0, 100, None], [-1, 101, 1.5, True]),
        ("freezes/earn_every", [1, None], [0, -1, 0.5]),
        ("filter", [None, CONDITION], [5]),
    ]
    defaults = {"filter": None, "freezes": {"initial": 0, "max": 0, "earn_every": None}}
    misfits = [
        ({"freezes": {"initial": 3, "max": 2}}, "freezes/initial"),
    ]
