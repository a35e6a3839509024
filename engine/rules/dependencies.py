"""What a rule reads, directly and through other documents: everything else can be left out without any difference.

Balances depend on every rule that gives something, held badges on every badge, a lifecycle state on the lifecycle;
boosts belong to whatever they multiply. Player limits always stay, since they decide which events count; leaderboards
never do, since no rule reads them.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from engine.documents.condition_places import trigger_events
from engine.documents.document import Raw
from engine.kinds import KINDS, Kind
from engine.kinds.kind import Listening
from engine.language.compile import paths_of
from engine.language.parse import parse

_BALANCES = ("player.xp", "player.coins", "player.level")


def required_keys(documents: Iterable[Raw], keys: Collection[str]) -> frozenset[str]:
    """The keys of the documents on which the documents with `keys` depend, their own included.

    `documents` must be those of all rulebooks that a history is folded under: what one of them reads must have been
    counted under the others too.
    """
    versions_by_key: dict[str, list[Raw]] = {}
    for document in documents:
        versions_by_key.setdefault(document["key"], []).append(document)
    required: set[str] = set()
    pending = [*keys, *_keys_where(versions_by_key, lambda kind: kind.decides_which_events_count)]
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
        listening = KINDS[document["kind"]].listening
        if listening is Listening.EVERY:
            return None
        if listening is Listening.NAMED:
            types.update(trigger_events(document))
    return None if "*" in types else frozenset(types)


def _keys_where(versions_by_key: Mapping[str, list[Raw]], is_wanted: Callable[[Kind], bool]) -> list[str]:
    return [key for key, documents in versions_by_key.items() if is_wanted(KINDS[documents[0]["kind"]])]


def _keys_read(document: Raw, versions_by_key: Mapping[str, list[Raw]]) -> Iterator[str]:
    kind, paths = KINDS[document["kind"]], set(paths_read(document))
    for path in paths:
        head, _, _ = path.partition(".")
        if head in KINDS and KINDS[head].has_facts:
            yield path.split(".")[1]
    yield from _keys_where(versions_by_key, lambda other: not paths.isdisjoint(_paths_provided(other)))
    if kind.grants:
        for key, versions in versions_by_key.items():
            if any(_multiplies(version, document["key"]) for version in versions):
                yield key
    yield from kind.needs(document)


def _paths_provided(kind: Kind) -> tuple[str, ...]:
    """The facts of a player that documents of this kind change."""
    return (*kind.provides, *_BALANCES) if kind.grants else kind.provides


def paths_read(document: Raw) -> Iterator[str]:
    """The facts that a document reads, including once-per facts and the XP on which levels depend."""
    kind = KINDS[document["kind"]]
    for place in kind.places(document, ""):
        node, _ = parse(place.logic)
        if node is not None:
            yield from sorted(paths_of(node))
    yield from kind.reads(document)


def _multiplies(document: Raw, key: str) -> bool:
    return KINDS[document["kind"]].multiplies(document, key)
