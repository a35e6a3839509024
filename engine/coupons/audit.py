"""Every outcome of a game, derived again from the published seed and the game's log.

The log is read in the order in which it was written. What a play was judged by (whether its player was eligible, what
the player had before) stands in the log; the chance, the draw, the brand and the outcome are worked out anew.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import gcd
from typing import TypeAlias

from engine.coupons import allocate
from engine.coupons.allocate import Decision, Failed
from engine.coupons.game import Game, PlayLimits
from engine.coupons.game_state import Stand
from engine.coupons.play import EXPIRED, Play


@dataclass(frozen=True, slots=True)
class Opened:
    """The game began with these coupons of each brand."""

    n: int
    left: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Restocked:
    """Coupons came or went at a moment (µs)."""

    n: int
    at: int
    changes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Ruled:
    """From this moment (µs) on the game has another version of its document."""

    n: int
    at: int
    game: Game
    limits: PlayLimits


@dataclass(frozen=True, slots=True)
class Decided:
    """A play was decided."""

    n: int
    play: Play
    decision: Decision


@dataclass(frozen=True, slots=True)
class Redrawn:
    """A provider gave nothing for the play that won; `brand` is asked next."""

    n: int
    win: Failed
    brand: str

    @property
    def play(self) -> str:
        """The play's name."""
        return self.win.name


@dataclass(frozen=True, slots=True)
class Released:
    """Nobody gave anything for the play that won until its time was over (µs)."""

    n: int
    play: str
    brand: str
    at: int


@dataclass(frozen=True, slots=True)
class Issued:
    """A coupon of this brand was issued for the play that had won."""

    n: int
    play: str
    brand: str


Record: TypeAlias = Opened | Restocked | Ruled | Decided | Redrawn | Released | Issued


@dataclass(frozen=True, slots=True)
class Difference:
    """A record that does not follow from what stands before it: what is written, and what follows."""

    n: int
    play: str
    written: Decision | str | None
    derived: Decision | str | None


def audit(game: Game, limits: PlayLimits, seed: bytes, records: Iterable[Record]) -> Iterator[Difference]:
    """Fold a game's log and give every play whose written decision is not the derived one."""
    stand, asked = Stand.opening({}, game.starts_at, game.ends_at), dict[str, str | None]()
    for record in records:
        if isinstance(record, Opened):
            stand = Stand.opening(record.left, game.starts_at, game.ends_at)
        elif isinstance(record, Ruled):
            game, limits, stand.ruled_at = record.game, record.limits, record.at
        elif isinstance(record, Restocked):
            allocate.restock(game, stand, seed, record.at, dict(record.changes))
        elif isinstance(record, Decided):
            derived = derive(game, limits, seed, stand, record)
            asked[record.play.name] = derived.brand
            if derived != record.decision:
                yield Difference(record.n, record.play.name, record.decision, derived)
        else:
            before = asked.get(record.play)
            brand = _asked_on(game, stand, seed, record, before)
            asked[record.play] = brand
            if brand != record.brand:
                yield Difference(record.n, record.play, record.brand, brand)


def _asked_on(
    game: Game, stand: Stand, seed: bytes, record: Redrawn | Released | Issued, before: str | None
) -> str | None:
    """The brand that a record about a winner must name, given the one that was asked before."""
    if before is not None and isinstance(record, Redrawn) and before == record.win.brand:
        return allocate.redraw(game, stand, seed, record.win)
    if before is not None and isinstance(record, Released):
        allocate.give_back(game, stand, seed, record.at, before)
    return before


def derive(game: Game, limits: PlayLimits, seed: bytes, stand: Stand, record: Decided) -> Decision:
    """The decision that a play should have got. That its time was over is taken as written."""
    if record.decision.reason == EXPIRED:
        return allocate.expired()
    derived = allocate.decide(game, stand, seed, record.play, limits)
    return replace(derived, chance=lowest_terms(derived.chance))


def lowest_terms(chance: tuple[int, int]) -> tuple[int, int]:
    """A chance as it is written into the log: held within 0 and 1, in lowest terms."""
    above, below = min(max(0, chance[0]), chance[1]), chance[1]
    common = gcd(above, below)
    return above // common, below // common
