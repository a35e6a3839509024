"""Event types: what an app may declare about its events."""

from tests.engine.kinds.kind_laws import KindLaws
from tests.engine.language.rules import EVENT_TYPE

TYPES = ("number", "text", "boolean", "date", "texts", "list")


class TestEventType(KindLaws):
    kind = "event_type"
    least = {}
    members = [
        ("type", [None, "visit"], ["Visit", ""]),
        ("properties", [None, {}, {"score": {"type": "number"}}], [[], 5]),
        (
            "properties/score",
            [*({"type": some_type} for some_type in TYPES), {"type": "number", "choices": list(range(200))}],
            [
                "number",
                {"type": "number", "choices": []},
                {"type": "number", "choices": list(range(201))},
                {"colour": "red"},
                {"type": "number", "choices": [[1]]},
                {"type": "text", "choices": ["a\0b"]},
                {"type": "text", "example": "\0"},
            ],
        ),
        ("properties/a..b", [], [{"type": "number"}]),
        ("properties/score/type", ["number"], ["unknown", "integer", None]),
    ]
    sentences = [(EVENT_TYPE, "The event order placed carries amount, country, gift, tags, lines and placed on.")]
