"""What a document of sound shape must fulfil: by itself, and among the documents that it names.

By itself: order of dates, time zones, members that need others. Among others: a key keeps its kind, boards name a
metric, boosts rules and a segment, grants a coupon pool.
"""

from collections.abc import Container, Iterable, Iterator

from engine.documents.condition_places import trigger_events
from engine.documents.document import Raw
from engine.kinds import KINDS, Kind
from engine.kinds.coupon_pool import COUPON_POOL
from engine.kinds.kind import Neighbours
from engine.kinds.shared_parts import period_problems
from engine.vocabulary.fact import Catalogue, humanise
from engine.vocabulary.problem import Problem, pointer


def key_problems(raw: Raw, at: str, others: Iterable[Raw]) -> Iterator[Problem]:
    """A problem if one of `others` has the key of `raw` and is of another kind: a key keeps its kind for good."""
    namesake = next((other for other in others if other.get("key") == raw["key"]), raw)
    if namesake.get("kind") != raw["kind"]:
        kind = humanise(str(namesake.get("kind")))
        yield Problem(pointer(at, "key"), f"{raw['key']!r} is already the key of another kind of rule: {kind}")


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


def neighbours_among(documents: Iterable[Raw], catalogue: Catalogue) -> Neighbours:
    """What documents may name, worked out once for all that name something; `catalogue` holds their facts."""
    named = ((raw.get("key"), raw.get("kind")) for raw in documents)
    kind_by_key = {key: kind for key, kind in named if isinstance(key, str) and isinstance(kind, str)}
    granting = {key: kind for key, kind in kind_by_key.items() if kind in KINDS and KINDS[kind].grants}
    return Neighbours(kind_by_key, granting, catalogue)


def reference_problems(raw: Raw, at: str, neighbours: Neighbours) -> Iterator[Problem]:
    """A problem for every key or fact in `raw` that does not exist."""
    yield from KINDS[raw["kind"]].references(raw, at, neighbours)
    for place, pool in _coupon_pools(raw, at):
        yield from neighbours.lacks(COUPON_POOL.key, pool, place)


def _coupon_pools(raw: Raw, at: str) -> Iterator[tuple[str, str]]:
    """Every coupon pool that a document gives from, with its place."""
    levels = [
        (pointer(at, "thresholds", index, "grant"), level) for index, level in enumerate(raw.get("thresholds") or ())
    ]
    granting = [(pointer(at, "grant"), raw), *levels]
    pools = [(place, (owner.get("grant") or {}).get("coupon_pool")) for place, owner in granting]
    pools.append((pointer(at, "fulfilment"), (raw.get("fulfilment") or {}).get("coupon_pool")))
    yield from ((pointer(place, "coupon_pool"), pool) for place, pool in pools if pool is not None)
