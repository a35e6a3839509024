"""Missions: a goal within a period."""

from tests.engine.kinds.kind_laws import EVENTS, KindLaws


class TestMission(KindLaws):
    kind = "mission"
    silent = ("timezone",)
    least = {**EVENTS, "goal": {"target": 3}, "period": "day"}
    needed = ("trigger", "goal", "goal/target", "period")
    is_scheduled = True
    members = [
        ("goal/target", [1, 1_000_000], [0, 1_000_001, 2.5, "3", None]),
        ("period", ["day", "week", "month", "once"], ["year", "always", None]),
        ("timezone", [None, "player", "Europe/London"], ["Europe/Nowhere", ""]),
        ("grant", [None, {"xp": 1}], [{}]),
    ]
    defaults = {"timezone": "player", "condition": None, "grant": None}
