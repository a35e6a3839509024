"""Documents that name others: boards their metric, boosts their rules and segment, grants a coupon pool."""

from collections.abc import Iterable, Iterator

from engine.documents.document import Raw
from engine.kinds import KINDS
from engine.kinds.coupon_pool import COUPON_POOL
from engine.kinds.kind import Neighbours
from engine.vocabulary.fact import Catalogue
from engine.vocabulary.problem import Problem, pointer


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
