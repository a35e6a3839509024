"""What a rule reads, directly and through other documents: everything else can be left out without any difference.

Balances depend on every rule that gives something, held badges on every badge, a lifecycle state on the lifecycle;
boosts belong to whatever they multiply. Player limits always stay, since they decide which events count; leaderboards
never do, since no rule reads them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from engine.documents.condition_places import places, trigger_events
from engine.language.compile import paths_of
from engine.language.parse import parse

Raw = Mapping[str, Any]
_KINDS_NAMED_IN_PATHS = ("metric", "streak", "mission")
_GIVING_KINDS = ("earning", "badge", "mission", "levels")
_LISTENING_KINDS = ("metric", "streak", "earning", "mission", "badge")
_KINDS_MOVED_BY_ANY_EVENT = ("lifecycle", "player_limits", "segment")
_KINDS_BEHIND_PATH: dict[str, tuple[str, ...]] = {
    "player.xp": _GIVING_KINDS,
    "player.coins": _GIVING_KINDS,
    "player.level": _GIVING_KINDS,
    "player.badges": ("badge",),
    "player.segments": ("segment",),
    "player.state": ("lifecycle",),
}


def required_keys(documents: Iterable[Raw], keys: Collection[str]) -> frozenset[str]:
    """The keys of the documents on which the documents with `keys` depend, their own included.

    `documents` must be those of all rulebooks that a history is folded under: what one of them reads must have been
    counted under the others too.
    """
    versions_by_key: dict[str, list[Raw]] = {}
    for document in documents:
        versions_by_key.setdefault(document["key"], []).append(document)
    required: set[str] = set()
    pending = [*keys, *_keys_of_kinds(versions_by_key, {"player_limits"})]
    while pending:
        key = pending.pop()
        if key in required or key not in versions_by_key:
            continue
        required.add(key)
        for document in versions_by_key[key]:
            pending += _keys_read(document, versions_by_key)
    return frozenset(required)


def event_types_read(documents: Iterable[Raw]) -> frozenset[str] | None:
    """The types of events that can change anything these documents decide; None where any event can."""
    types: set[str] = set()
    for document in documents:
        if document["kind"] in _KINDS_MOVED_BY_ANY_EVENT:
            return None
        if document["kind"] in _LISTENING_KINDS:
            types.update(trigger_events(document))
    return None if "*" in types else frozenset(types)


def _keys_of_kinds(versions_by_key: Mapping[str, list[Raw]], kinds: Collection[str]) -> list[str]:
    return [key for key, documents in versions_by_key.items() if documents[0]["kind"] in kinds]


def _keys_read(document: Raw, versions_by_key: Mapping[str, list[Raw]]) -> Iterator[str]:
    paths = list(paths_read(document))
    for path in paths:
        head, _, _ = path.partition(".")
        if head in _KINDS_NAMED_IN_PATHS:
            yield path.split(".")[1]
    kinds_read = {kind for path in paths for kind in _KINDS_BEHIND_PATH.get(path, ())}
    yield from _keys_of_kinds(versions_by_key, kinds_read)
    if document["kind"] in _GIVING_KINDS:
        for key, versions in versions_by_key.items():
            if any(_multiplies(version, document["key"]) for version in versions):
                yield key
    if document["kind"] == "boost" and document.get("segment"):
        yield document["segment"]


def paths_read(document: Raw) -> Iterator[str]:
    """The facts that a document reads, including once-per facts and the XP on which levels depend."""
    for place in places(document, ""):
        node, _ = parse(place.logic)
        if node is not None:
            yield from sorted(paths_of(node))
    yield from (document.get("limits") or {}).get("once_per") or ()
    if document["kind"] == "levels":
        yield "player.xp"


def _multiplies(document: Raw, key: str) -> bool:
    return document["kind"] == "boost" and (not document.get("targets") or key in document["targets"])
