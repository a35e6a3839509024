"""The audit of a game: every outcome derived again from the published seed and the game's log.

The log is read in the order in which it was written. What a play was judged by (whether its player was eligible, what
the player had before) is in the log; the chance, the draw, the brand and the outcome are derived again.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import gcd
from typing import TypeAlias

from engine.coupons import decide_play
from engine.coupons.decide_play import Decision, FailedIssue
from engine.coupons.game import Game, PlayLimits
from engine.coupons.game_state import GameState
from engine.coupons.play import EXPIRED, Play


@dataclass(frozen=True, slots=True)
class GameOpened:
    """The game began with these coupons of each brand."""

    n: int
    left: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class GameRestocked:
    """Coupons came or went at a moment (µs)."""

    n: int
    at: int
    changes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DocumentChanged:
    """From this moment (µs) the game has another version of its document."""

    n: int
    at: int
    game: Game
    limits: PlayLimits


@dataclass(frozen=True, slots=True)
class PlayDecided:
    """A play was decided."""

    n: int
    play: Play
    decision: Decision


@dataclass(frozen=True, slots=True)
class WinnerRedrawn:
    """A provider issued nothing for the play that won; `brand` is tried next."""

    n: int
    win: FailedIssue
    brand: str

    @property
    def play(self) -> str:
        """The play's name."""
        return self.win.name


@dataclass(frozen=True, slots=True)
class WinReleased:
    """No coupon was issued for the play that won before its time was over (µs)."""

    n: int
    play: str
    brand: str
    at: int


@dataclass(frozen=True, slots=True)
class CouponIssued:
    """A coupon of this brand was issued for the play that had won."""

    n: int
    play: str
    brand: str


AuditRecord: TypeAlias = (
    GameOpened | GameRestocked | DocumentChanged | PlayDecided | WinnerRedrawn | WinReleased | CouponIssued
)


@dataclass(frozen=True, slots=True)
class AuditDifference:
    """A record that does not follow from those before it: what was written, and what follows."""

    n: int
    play: str
    written: Decision | str | None
    derived: Decision | str | None


def audit(game: Game, limits: PlayLimits, seed: bytes, records: Iterable[AuditRecord]) -> Iterator[AuditDifference]:
    """Fold a game's log and yield every play whose written decision is not the derived one."""
    state = GameState.opening({}, game.starts_at, game.ends_at)
    brand_of_play: dict[str, str | None] = {}
    for record in records:
        if isinstance(record, GameOpened):
            state = GameState.opening(record.left, game.starts_at, game.ends_at)
        elif isinstance(record, DocumentChanged):
            game, limits, state.replan_from = record.game, record.limits, record.at
        elif isinstance(record, GameRestocked):
            decide_play.replan(game, state, seed, record.at, dict(record.changes))
        elif isinstance(record, PlayDecided):
            decision = derive(game, limits, seed, state, record)
            brand_of_play[record.play.name] = decision.brand
            if decision != record.decision:
                yield AuditDifference(record.n, record.play.name, record.decision, decision)
        else:
            brand = _derived_brand(game, state, seed, record, brand_of_play.get(record.play))
            brand_of_play[record.play] = brand
            if brand != record.brand:
                yield AuditDifference(record.n, record.play, record.brand, brand)


def _derived_brand(
    game: Game, state: GameState, seed: bytes, record: WinnerRedrawn | WinReleased | CouponIssued, before: str | None
) -> str | None:
    """The brand that a record about a winner must name, if it had the brand `before` until then."""
    if before is not None and isinstance(record, WinnerRedrawn) and before == record.win.brand:
        return decide_play.redraw(game, state, seed, record.win)
    if before is not None and isinstance(record, WinReleased):
        decide_play.release_win(game, state, seed, record.at, before)
    return before


def derive(game: Game, limits: PlayLimits, seed: bytes, state: GameState, record: PlayDecided) -> Decision:
    """The decision that a play should have received. That its time was over is taken as written."""
    if record.decision.reason == EXPIRED:
        return decide_play.expired_decision()
    decision = decide_play.decide(game, state, seed, record.play, limits)
    return replace(decision, chance=lowest_terms(decision.chance))


def lowest_terms(chance: tuple[int, int]) -> tuple[int, int]:
    """A chance as it is written into the log: clamped to 0 and 1, in lowest terms."""
    denominator = chance[1]
    numerator = min(max(0, chance[0]), denominator)
    divisor = gcd(numerator, denominator)
    return numerator // divisor, denominator // divisor
