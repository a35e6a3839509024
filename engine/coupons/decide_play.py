"""Deciding plays: the one place where wins are decided, for players, simulations and audits alike."""

from dataclasses import dataclass

from engine.coupons import pacing
from engine.coupons.draws import DRAW_RANGE, draw_number
from engine.coupons.game import Game, GameBrand, PlayLimits
from engine.coupons.game_state import GameState, PacingPlan
from engine.coupons.pacing import adaptive, moments
from engine.coupons.play import (
    BUDGET_EXHAUSTED,
    EXPIRED,
    LIMIT_REACHED,
    LOST,
    NO_LUCK,
    NOT_ELIGIBLE,
    WON,
    GameDay,
    Play,
)

_NO_LIMITS = PlayLimits()
_NEVER, _ALWAYS = (0, 1), (1, 1)


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of a play and how it came about.

    The play won if `draw` ÷ 2⁶⁴ is below the chance; `cause` says what set the chance: `pacing`, `least_a_day`,
    `most_a_day`, `most_a_slot`, or the reason where nothing was drawn.
    """

    outcome: str
    reason: str
    brand: str | None = None
    chance: tuple[int, int] = _NEVER
    draw: int = 0
    cause: str = ""

    @property
    def probability(self) -> float:
        """The chance between 0 and 1, for people."""
        numerator, denominator = self.chance
        return min(1.0, max(0.0, numerator / denominator))


def decide(game: Game, state: GameState, seed: bytes, play: Play, limits: PlayLimits = _NO_LIMITS) -> Decision:
    """Decide one play and write what it changes into `state`. `limits` are those of the whole campaign.

    The caller has made sure that the game was open when the play was received, and assigns the coupon.
    """
    if state.replan_from is not None:
        replan(game, state, seed, state.replan_from, {})
    refused = _refusal(game, state, play, limits)
    if refused:
        return Decision(LOST, refused, cause=refused)
    # Refused plays are not counted as arrivals: adaptive pacing divides the budget among those that may win.
    state.arrivals.add(play.received_at, adaptive.bucket_length(game))
    brands = _winnable_brands(game, state, play)
    if not brands:
        return Decision(LOST, LIMIT_REACHED, cause=LIMIT_REACHED)
    chance, cause = _chance(game, state, seed, play)
    draw = draw_number(seed, "play", game.key, play.name)
    numerator, denominator = chance
    if draw * denominator >= numerator * DRAW_RANGE:
        return Decision(LOST, NO_LUCK, None, chance, draw, cause)
    brand = choose_brand(state, seed, play.name, brands)
    count_win(game, state, seed, play, brand)
    return Decision(WON, WON, brand, chance, draw, cause)


def refusal(game: Game, state: GameState, play: Play, limits: PlayLimits = _NO_LIMITS) -> str:
    """The reason for which a play cannot win, whatever is drawn; empty if it can."""
    refused = _refusal(game, state, play, limits)
    return refused or ("" if _winnable_brands(game, state, play) else LIMIT_REACHED)


def expired_decision() -> Decision:
    """The decision of a play that was not decided in time."""
    return Decision(LOST, EXPIRED, cause=EXPIRED)


def _refusal(game: Game, state: GameState, play: Play, limits: PlayLimits) -> str:
    if not play.is_eligible:
        return NOT_ELIGIBLE
    if not (play.in_game.within(game.limits) and play.in_campaign.within(limits)):
        return LIMIT_REACHED
    return "" if state.total_left else BUDGET_EXHAUSTED


def _winnable_brands(game: Game, state: GameState, play: Play) -> list[GameBrand]:
    return [brand for brand in game.brands if state.left.get(brand.key, 0) and play.in_game.may_win(brand)]


def _chance(game: Game, state: GameState, seed: bytes, play: Play) -> tuple[tuple[int, int], str]:
    """The chance that the pacing gives, unless too many or too few have won in this slot or on this day."""
    winners, received_at = game.winners, play.received_at
    won_today = state.day.count_in(play.day.number)
    if _is_full(won_today, winners.max_per_day):
        return _NEVER, "most_a_day"
    if _is_full(state.slot.count_in(received_at // winners.slot), winners.max_per_slot):
        return _NEVER, "most_a_slot"
    if won_today is not None and _is_behind(winners.min_per_day, won_today, play.day, received_at):
        return _ALWAYS, "least_a_day"
    return pacing.chance(game, state, seed, received_at), "pacing"


def _is_full(count: int | None, maximum: int | None) -> bool:
    """Whether nobody may win any more; with an unknown count nobody may, so that no maximum is ever exceeded."""
    return maximum is not None and (count is None or count >= maximum)


def _is_behind(minimum: int | None, won_today: int, day: GameDay, at: int) -> bool:
    """Whether fewer have won than the day's minimum demands by now, spread evenly over the day."""
    length = max(1, day.ends_at - day.starts_at)
    return minimum is not None and won_today * length < minimum * (at - day.starts_at)


def choose_brand(state: GameState, seed: bytes, name: str, brands: list[GameBrand], attempt: int = 0) -> str:
    """The brand that a winner gets: drawn by weight × coupons left among those of the highest priority."""
    highest = max(brand.priority for brand in brands)
    candidates = [brand for brand in brands if brand.priority == highest]
    if len(candidates) == 1:
        return candidates[0].key
    shares = [brand.weight * state.left[brand.key] for brand in candidates]
    offset = draw_number(seed, "brand", name, attempt) * sum(shares) // DRAW_RANGE
    for brand, share in zip(candidates, shares, strict=True):
        if offset < share:
            return brand.key
        offset -= share
    raise AssertionError("a draw is always below the sum of the shares")


@dataclass(frozen=True, slots=True)
class FailedIssue:
    """A win for which a brand's provider issued nothing.

    `name` is the play's, `attempt` the number of the next draw of a brand, `may` the brands it can still win.
    """

    name: str
    brand: str
    attempt: int
    may: tuple[str, ...]


def redraw(game: Game, state: GameState, seed: bytes, win: FailedIssue) -> str | None:
    """The brand that a winner gets instead: another one if there is any.

    The win stands, so the plan does not change; the failed brand's coupon is available again. None if nothing is left
    at all: then nothing was changed.
    """
    state.left[win.brand] = state.left.get(win.brand, 0) + 1
    available = [brand for brand in game.brands if brand.key in win.may and state.left.get(brand.key, 0)]
    # The same brand once more only if no other can be had.
    candidates = [brand for brand in available if brand.key != win.brand] or available
    if not candidates:
        state.left[win.brand] -= 1
        return None
    brand = choose_brand(state, seed, win.name, candidates, win.attempt)
    state.left[brand] -= 1
    return brand


def release_win(game: Game, state: GameState, seed: bytes, at: int, brand: str) -> None:
    """Take back a win for which no coupon was issued in time: its coupon is spread again with all that are left."""
    state.won -= 1
    replan(game, state, seed, at, {brand: 1})


def count_win(game: Game, state: GameState, seed: bytes, play: Play, brand: str) -> None:
    """Count a win."""
    plan, received_at = state.plan, play.received_at
    state.left[brand] -= 1
    state.won += 1
    state.day.add(play.day.number)
    state.slot.add(received_at // game.winners.slot)
    plan.claimed += 1
    if game.lapses:
        # Moments that nobody claimed before this win are lost: they count as claimed.
        plan.claimed = max(plan.claimed, moments.due(game.key, plan, seed, received_at))


def replan(game: Game, state: GameState, seed: bytes, at: int, changes: dict[str, int]) -> None:
    """Spread what is left again from a moment on, after coupons were added (top-up, release) or removed (void, expiry).

    `changes` holds for each brand how many more or fewer are to be given; no brand may fall below zero. Without
    changes the plan is recalculated for a game whose document has changed.
    """
    old_plan, total_change = state.plan, sum(changes.values())
    state.replan_from = None
    for brand, change in changes.items():
        state.left[brand] = state.left.get(brand, 0) + change
        assert state.left[brand] >= 0, f"{brand} would have {state.left[brand]} coupons left"
    at = min(max(at, game.starts_at), game.ends_at)
    unclaimed = max(0, moments.unclaimed(game, old_plan, seed, at))
    to_come = old_plan.count - moments.due(game.key, old_plan, seed, at)
    count = min(max(0, to_come + total_change), state.total_left)
    carried = min(unclaimed, state.total_left - count)
    state.plan = PacingPlan(old_plan.generation + 1, at, game.ends_at, count, carried)
