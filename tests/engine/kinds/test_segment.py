"""Segments: a condition on players."""

from tests.engine.kinds.kind_laws import CONDITION, KindLaws


class TestSegment(KindLaws):
    kind = "segment"
    least = {"condition": {">=": [{"var": "player.xp"}, 10]}}
    needed = ("condition",)
    members = [
        ("condition", [CONDITION], [5, {"var": "nonesuch"}]),
    ]
    sentences = [
        (
            {"condition": {"===": [{"var": "player.attributes.plan"}, "pro"]}},
            "Players for whom player's plan is pro.",
        ),
    ]
