"""A small world of events to post."""

from typing import Any


def an_event(**changes: Any) -> dict[str, Any]:
    return {"id": "ev-1", "type": "lesson_completed", "player": "ada", "properties": {"course": "py"}} | changes


def a_batch(*changes: dict[str, Any]) -> dict[str, Any]:
    return {"events": [an_event(**change) for change in changes]}
