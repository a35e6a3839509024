"""What a rule reads, directly and through other documents: all else can be left out, and it gives the same.

Left out are what nothing kept asks about. Balances follow from every rule that gives something, held badges from
every badge, a lifecycle state from the lifecycle; boosts belong to whatever they multiply. Limits of players always
stay, since they decide which events count; leaderboards never do, since no rule asks for them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from engine.documents.condition_places import places, trigger_events
from engine.language.compile import paths_of
from engine.language.parse import parse

Raw = Mapping[str, Any]
_KEYED = ("metric", "streak", "mission")
_GIVING = ("earning", "badge", "mission", "levels")
_LISTENING = ("metric", "streak", "earning", "mission", "badge")
_WATCHFUL = ("lifecycle", "player_limits", "segment")
_BY_PATH: dict[str, tuple[str, ...]] = {
    "player.xp": _GIVING,
    "player.coins": _GIVING,
    "player.level": _GIVING,
    "player.badges": ("badge",),
    "player.segments": ("segment",),
    "player.state": ("lifecycle",),
}


def needed(documents: Iterable[Raw], keys: Collection[str]) -> frozenset[str]:
    """The keys of those documents that what the documents with these keys give depends on; their own are among them.

    To be given are all documents of all rulebooks that a history is folded under: what one of them asks about must
    have been counted under the others too.
    """
    known: dict[str, list[Raw]] = {}
    for each in documents:
        known.setdefault(each["key"], []).append(each)
    kept: set[str] = set()
    waiting = [*keys, *_of_kinds(known, {"player_limits"})]
    while waiting:
        key = waiting.pop()
        if key in kept or key not in known:
            continue
        kept.add(key)
        for raw in known[key]:
            waiting += _read(raw, known)
    return frozenset(kept)


def heard(documents: Iterable[Raw]) -> frozenset[str] | None:
    """The types of events that these documents look at; None where they look at each, or at when the last one was."""
    types: set[str] = set()
    for raw in documents:
        if raw["kind"] in _WATCHFUL:
            return None
        if raw["kind"] in _LISTENING:
            types.update(trigger_events(raw))
    return None if "*" in types else frozenset(types)


def _of_kinds(known: Mapping[str, list[Raw]], kinds: Collection[str]) -> list[str]:
    return [key for key, documents in known.items() if documents[0]["kind"] in kinds]


def _read(raw: Raw, known: Mapping[str, list[Raw]]) -> Iterator[str]:
    paths = list(paths_read(raw))
    yield from (path.split(".")[1] for path in paths if path.partition(".")[0] in _KEYED)
    yield from _of_kinds(known, {kind for path in paths for kind in _BY_PATH.get(path, ())})
    if raw["kind"] in _GIVING:
        yield from (key for key, each in known.items() if any(_multiplies(one, raw["key"]) for one in each))
    if raw["kind"] == "boost" and raw.get("segment"):
        yield raw["segment"]


def paths_read(raw: Raw) -> Iterator[str]:
    """The facts that a document asks about, once-per facts and what levels stand on included."""
    for place in places(raw, ""):
        node, _ = parse(place.logic)
        if node is not None:
            yield from sorted(paths_of(node))
    yield from (raw.get("limits") or {}).get("once_per") or ()
    if raw["kind"] == "levels":
        yield "player.xp"


def _multiplies(raw: Raw, key: str) -> bool:
    return raw["kind"] == "boost" and (not raw.get("targets") or key in raw["targets"])
