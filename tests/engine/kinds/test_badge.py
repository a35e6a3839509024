"""Badges: how one is earned, and the members that all kinds have."""

from tests.engine.kinds.kind_laws import CONDITION, EVENTS, LONG, LONGER, MANY_EVENTS, KindLaws, nested, wrong


class TestBadge(KindLaws):
    kind = "badge"
    least = {**EVENTS}
    needed = ("trigger", "trigger/events")
    is_scheduled = True
    members = [
        ("key", ["a", "a_1", "x" * 60], ["", "A", "1a", "a-b", "a b", "x" * 61, 5, None]),
        ("name", ["x", LONG], ["", LONGER, 5, None, "a\0b", "a\ud800"]),
        ("description", ["", "x" * 2000, None], ["x" * 2001, 5]),
        ("why", ["", None], ["x" * 2001, []]),
        ("examples", [[], [{}] * 50, None], [[{}] * 51, {}]),
        (
            "examples/0",
            [{"says": ["x" * 2000, 1.5, None]}, nested(16)],
            ["a\0b", {"\0": 1}, [{"a": "\ud800"}], float("nan"), [float("inf")], nested(17), "x" * 2001],
        ),
        ("trigger/events", [["*"], MANY_EVENTS, ["a.b_2"], ["x" * 64]], [[], [*MANY_EVENTS, "e"], "visit", None]),
        ("trigger/events/0", ["visit"], ["Visit", "laurel.grant", "x" * 65, "a-b", 5]),
        ("condition", [None, CONDITION, True], [5, [], {"nonesuch": [1]}]),
        ("tier", ["bronze", "silver", "gold", "platinum", "legendary", None], ["Gold", "", 1]),
        ("repeat", ["once", "day", "week", "month", "always", None], ["year", 1]),
        ("icon", ["star", None], ["", "x" * 61]),
        ("secret", [True, False, None], ["yes", 1]),
        ("grant", [None, {"xp": 1}, {"coins": 1}], [{}, {"xp": None}, {"coupon_pool": "nonesuch"}, 5]),
        (
            "starts_at",
            [None, "2026-12-04T18:00:00Z", "2026-12-04T18:00:00.5+05:30"],
            ["2026-12-04", "2026-12-04T18:00:00", "soon", 1, "1969-12-31T23:59:59Z", "9999-01-01T00:00:00Z"],
        ),
    ]
    defaults = {"tier": "bronze", "repeat": "once", "condition": None, "grant": None}
    misfits = [
        ({"trigger": {"events": ["visit", "visit"]}}, "trigger/events/1"),
        ({"condition": {"in": ["it", {"var": "player.badges"}]}}, "condition"),
        ({"condition": {"in": ["nonesuch", {"var": "player.badges"}]}}, "condition/in"),
        ({"condition": {">": [{"var": "metric.nonesuch.total"}, 1]}}, "condition/>/0"),
        ({"condition": {">": [{"var": "streak.nonesuch.current"}, 1]}}, "condition/>/0"),
        ({"condition": {">": [{"var": "mission.nonesuch.progress"}, 1]}}, "condition/>/0"),
    ]
    sentences = [
        (
            {"name": "B", "repeat": "week", "condition": {"missing": ["event.properties.x"]}},
            "When … and x is missing, award the badge B, once a week.",
        ),
    ]

    def test_badges_that_require_each_other_in_a_circle_are_refused(self) -> None:
        first = self.document(condition={"in": ["other", {"var": "player.badges"}]})
        second = self.document(key="other", condition={"in": ["it", {"var": "player.badges"}]})
        assert wrong(first, second) == ["/0/condition", "/1/condition"]
