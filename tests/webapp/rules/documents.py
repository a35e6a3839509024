"""A few rule documents to change by `|`."""

from typing import Any

Raw = dict[str, Any]

LESSONS: Raw = {"kind": "metric", "key": "lessons", "name": "Lessons", "events": ["lesson_completed"],
                "aggregate": "count"}  # fmt: skip
LESSON_XP: Raw = {"kind": "earning", "key": "lesson_xp", "name": "XP for a lesson",
                  "trigger": {"events": ["lesson_completed"]}, "condition": None, "grant": {"xp": 10}}  # fmt: skip
TEN_LESSONS: Raw = {"kind": "badge", "key": "ten_lessons", "name": "Ten Lessons",
                    "trigger": {"events": ["lesson_completed"]},
                    "condition": {">=": [{"var": "metric.lessons.total"}, 10]}, "tier": "silver"}  # fmt: skip
