"""The lifecycle of a player: states and the moves between them, authored as data."""

from dataclasses import dataclass
from typing import Any

from engine.earning.calendar import DAY
from engine.earning.ruled import condition_of
from engine.logic.compile import Compiled


@dataclass(frozen=True, slots=True)
class Move:
    """One arrow: by inactivity (`after_days` since the newest event), or by an event on which a condition holds."""

    sources: tuple[str, ...]
    target: str
    after: int | None
    events: tuple[str, ...]
    condition: Compiled | None


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """All states of players and how they are left; moves go in the order in which they were written."""

    key: str
    initial: str
    moves: tuple[Move, ...]
    paths: frozenset[str]

    def quiet(self, state: str) -> list[Move]:
        """The moves that inactivity makes from a state, the earliest first."""
        found = [move for move in self.moves if move.after is not None and state in move.sources]
        return sorted(found, key=lambda move: move.after or 0)

    def on_event(self, state: str, event_type: str) -> list[Move]:
        """The moves that an event of this type may make from a state."""
        return [
            move
            for move in self.moves
            if move.after is None and state in move.sources and ("*" in move.events or event_type in move.events)
        ]


def lifecycle_of(raw: dict[str, Any]) -> Lifecycle:
    """Make a lifecycle ready to run."""
    moves = tuple(_move(each) for each in raw["transitions"])
    paths = frozenset[str]().union(*(move.condition.paths for move in moves if move.condition))
    first = raw["states"][0]
    initial = raw.get("initial") or (first["name"] if isinstance(first, dict) else first)
    return Lifecycle(raw["key"], initial, moves, paths)


def _move(raw: dict[str, Any]) -> Move:
    sources = raw["from"] if isinstance(raw["from"], list) else [raw["from"]]
    days = raw.get("after_days_inactive")
    events = (raw.get("trigger") or {}).get("events") or ["*"]
    after = None if days is None else days * DAY
    return Move(tuple(sources), raw["to"], after, tuple(events), condition_of(raw.get("condition")))


def preset(*, mastery_event: str = "course_completed", helped_event: str = "peer_helped") -> list[dict[str, Any]]:
    """The ready-made lifecycle, with the metric it needs, as rule documents."""
    quiet = ["ACTIVE", "MASTERY", "MENTOR"]
    helped = {"var": "metric.peers_helped.total"}
    return [
        {"kind": "metric", "key": "peers_helped", "name": "Peers helped", "events": [helped_event],
         "aggregate": "count"},
        {
            "kind": "lifecycle",
            "key": "lifecycle",
            "name": "Lifecycle",
            "initial": "ONBOARDING",
            "states": ["ONBOARDING", "ACTIVE", "AT_RISK", "DORMANT", "MASTERY", "MENTOR"],
            "transitions": [
                {"from": ["ONBOARDING", *quiet], "to": "AT_RISK", "after_days_inactive": 7},
                {"from": ["AT_RISK"], "to": "DORMANT", "after_days_inactive": 14},
                {"from": ["AT_RISK", "DORMANT"], "to": "ACTIVE", "trigger": {"events": ["*"]}},
                {"from": ["ONBOARDING", "ACTIVE", "MASTERY"], "to": "MENTOR", "trigger": {"events": [helped_event]},
                 "condition": {">=": [helped, 5]}},
                {"from": ["ONBOARDING", "ACTIVE"], "to": "MASTERY", "trigger": {"events": [mastery_event]},
                 "condition": {">=": [{"var": "event.properties.score"}, 90]}},
                {"from": ["ONBOARDING"], "to": "ACTIVE", "trigger": {"events": ["*"]}},
            ],
        },
    ]  # fmt: skip
