"""Ready documents: the lifecycle and the levels that most people begin with."""

from typing import Any

ENGAGED = ["ACTIVE", "MASTERY", "MENTOR"]


def lifecycle(*, mastery_event: str = "course_completed", helped_event: str = "peer_helped") -> list[dict[str, Any]]:
    """ONBOARDING until the first event, ACTIVE, AT_RISK after 7 quiet days, DORMANT after 14; any event brings back.

    MASTERY with a course completed at a score of 90 or more, MENTOR once 5 peers were helped.
    """
    return [
        {
            "kind": "metric",
            "key": "peers_helped",
            "name": "Peers helped",
            "events": [helped_event],
            "aggregate": "count",
        },
        {
            "kind": "lifecycle",
            "key": "lifecycle",
            "name": "Lifecycle",
            "initial": "ONBOARDING",
            "states": ["ONBOARDING", "ACTIVE", "AT_RISK", "DORMANT", "MASTERY", "MENTOR"],
            "transitions": [
                {"from": ["ONBOARDING", *ENGAGED], "to": "AT_RISK", "after_days_inactive": 7},
                {"from": "AT_RISK", "to": "DORMANT", "after_days_inactive": 14},
                {"from": ["ONBOARDING", "AT_RISK", "DORMANT"], "to": "ACTIVE", "trigger": {"events": ["*"]}},
                {
                    "from": ["ACTIVE", "MASTERY"],
                    "to": "MENTOR",
                    "trigger": {"events": [helped_event]},
                    "condition": {">=": [{"var": "metric.peers_helped.total"}, 5]},
                },
                {
                    "from": "ACTIVE",
                    "to": "MASTERY",
                    "trigger": {"events": [mastery_event]},
                    "condition": {">=": [{"var": "event.properties.score"}, 90]},
                },
            ],
        },
    ]


def doubling_levels() -> dict[str, Any]:
    """Level = floor(log2(xp / 100)) + 1, at least 1."""
    return {"kind": "levels", "key": "levels", "name": "Levels", "formula": "doubling"}


def trader_levels() -> dict[str, Any]:
    """Rookie, Trader, Expert, Master, Legend, each four times as far as the one before."""
    return {"kind": "levels", "key": "levels", "name": "Levels", "formula": "traders"}
