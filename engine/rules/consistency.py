"""What a document must fulfil by itself beyond its shape: order of dates, time zones, members that need others."""

from collections.abc import Container, Iterator

from engine.documents.condition_places import trigger_events
from engine.documents.document import Raw
from engine.kinds import KINDS, Kind
from engine.kinds.shared_parts import period_problems
from engine.vocabulary.problem import Problem, pointer


def consistency_problems(raw: Raw, at: str, zones: Container[str] | None) -> Iterator[Problem]:
    """Every problem of a document whose shape is right. Without `zones` no name of a time zone is looked up."""
    kind = KINDS[raw["kind"]]
    yield from period_problems(raw, at)
    yield from _zone_problems(raw, at, zones, kind)
    if len(trigger_events(raw)) > 1 and "*" in trigger_events(raw):
        yield Problem(
            pointer(at, "trigger" if "trigger" in raw else "events"),
            "* already means every event; leave out the others",
        )
    yield from kind.consistency(raw, at)


def _zone_problems(raw: Raw, at: str, zones: Container[str] | None, kind: Kind) -> Iterator[Problem]:
    zone = raw.get("timezone")
    if zone is None or (zone == "player" and kind.allows_player_zone):
        return
    if zone == "player":
        yield Problem(pointer(at, "timezone"), "must be one time zone for all players, such as Europe/London")
    elif zones is not None and zone not in zones:
        yield Problem(pointer(at, "timezone"), f"unknown time zone {zone!r}; use an IANA name such as Europe/London")
