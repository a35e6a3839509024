"""What a rule reads, directly and through other documents: all else can be left out, and it gives the same.

Left out are what nothing kept asks about. Balances follow from every rule that gives something, held badges from
every badge, a lifecycle state from the lifecycle; boosts belong to whatever they multiply. Limits of players always
stay, since they decide which events count; leaderboards never do, since no rule asks for them.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from engine.documents.places import places
from engine.earning.rulebook import Version
from engine.logic.compile import paths_of
from engine.logic.parse import parse

Raw = Mapping[str, Any]
_KEYED = ("metric", "streak", "mission")
_GIVING = ("earning", "badge", "mission", "levels")
_BY_PATH: dict[str, tuple[str, ...]] = {
    "player.xp": _GIVING,
    "player.coins": _GIVING,
    "player.level": _GIVING,
    "player.badges": ("badge",),
    "player.state": ("lifecycle",),
}


def pruned(versions: Sequence[Version], keys: Collection[str]) -> list[Version]:
    """Those of the versions that what the documents with these keys give depends on."""
    by_key = {each.key: each.document for each in versions}
    kept: set[str] = set()
    waiting = [*keys, *(key for key, raw in by_key.items() if raw["kind"] == "player_limits")]
    while waiting:
        key = waiting.pop()
        if key in kept or key not in by_key:
            continue
        kept.add(key)
        waiting += _needed(by_key[key], by_key)
    return [each for each in versions if each.key in kept]


def _needed(raw: Raw, by_key: Mapping[str, Raw]) -> Iterator[str]:
    paths = list(paths_read(raw))
    kinds = {kind for path in paths for kind in _BY_PATH.get(path, ())}
    yield from (path.split(".")[1] for path in paths if path.partition(".")[0] in _KEYED)
    yield from (key for key, each in by_key.items() if each["kind"] in kinds)
    if raw["kind"] in _GIVING:
        yield from (key for key, each in by_key.items() if _multiplies(each, raw["key"]))
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
