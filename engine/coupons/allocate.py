"""What becomes of a play: the one place where wins are decided, for players, simulations and audits alike."""

from dataclasses import dataclass

from engine.coupons import pacing
from engine.coupons.draws import WHOLE, drawn
from engine.coupons.game import Brand, Game, PlayLimits
from engine.coupons.game_state import Plan, Stand
from engine.coupons.pacing import adaptive, moments
from engine.coupons.play import (
    BUDGET_EXHAUSTED,
    EXPIRED,
    LIMIT_REACHED,
    LOST,
    NO_LUCK,
    NOT_ELIGIBLE,
    WON,
    Day,
    Play,
)

_NO_LIMITS = PlayLimits()
_NEVER, _SURELY = (0, 1), (1, 1)


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of a play and how it came about.

    The play won where `draw` ÷ 2⁶⁴ lies below the chance; `cause` says what set the chance: `pacing`, `least_a_day`,
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
        most, whole = self.chance
        return min(1.0, max(0.0, most / whole))


def decide(game: Game, stand: Stand, seed: bytes, play: Play, limits: PlayLimits = _NO_LIMITS) -> Decision:
    """Decide one play and write what it changes into `stand`. `limits` are those of the whole campaign.

    The caller has made sure that the game was open when the play was received, and takes the coupon.
    """
    if stand.ruled_at is not None:
        restock(game, stand, seed, stand.ruled_at, {})
    refusal = _refusal(game, stand, play, limits)
    if refusal:
        return Decision(LOST, refusal, cause=refusal)
    brands = [brand for brand in game.brands if stand.left.get(brand.key, 0) and play.in_game.may_win(brand)]
    stand.arrivals.add(play.received_at, adaptive.bucket_length(game))
    if not brands:
        return Decision(LOST, LIMIT_REACHED, cause=LIMIT_REACHED)
    chance, cause = _chance(game, stand, seed, play)
    draw = drawn(seed, "play", game.key, play.name)
    if draw * chance[1] >= chance[0] * WHOLE:
        return Decision(LOST, NO_LUCK, None, chance, draw, cause)
    brand = choose(stand, seed, play.name, brands)
    take(game, stand, seed, play, brand)
    return Decision(WON, WON, brand, chance, draw, cause)


def expired() -> Decision:
    """The decision of a play that was not decided within its time."""
    return Decision(LOST, EXPIRED, cause=EXPIRED)


def _refusal(game: Game, stand: Stand, play: Play, limits: PlayLimits) -> str:
    if not play.is_eligible:
        return NOT_ELIGIBLE
    if not (play.in_game.within(game.limits) and play.in_campaign.within(limits)):
        return LIMIT_REACHED
    return "" if stand.total_left else BUDGET_EXHAUSTED


def _chance(game: Game, stand: Stand, seed: bytes, play: Play) -> tuple[tuple[int, int], str]:
    """The pacing's chance, unless too many or too few have won in this slot or on this day."""
    winners, at = game.winners, play.received_at
    today = stand.day.of(play.day.number)
    if _is_full(today, winners.most_a_day):
        return _NEVER, "most_a_day"
    if _is_full(stand.slot.of(at // winners.slot), winners.most_a_slot):
        return _NEVER, "most_a_slot"
    if today is not None and _are_missing(winners.least_a_day, today, play.day, at):
        return _SURELY, "least_a_day"
    return pacing.chance(game, stand, seed, at), "pacing"


def _is_full(count: int | None, most: int | None) -> bool:
    """Whether nobody may win any more; where the count is forgotten, nobody may, so that no bound is exceeded."""
    return most is not None and (count is None or count >= most)


def _are_missing(least: int | None, today: int, day: Day, at: int) -> bool:
    length = max(1, day.ends_at - day.starts_at)
    return least is not None and today * length < least * (at - day.starts_at)


def choose(stand: Stand, seed: bytes, name: str, brands: list[Brand], attempt: int = 0) -> str:
    """The brand that a winner gets: drawn by weight × coupons left among those of the highest priority."""
    highest = max(brand.priority for brand in brands)
    first = [brand for brand in brands if brand.priority == highest]
    if len(first) == 1:
        return first[0].key
    shares = [brand.weight * stand.left[brand.key] for brand in first]
    at = drawn(seed, "brand", name, attempt) * sum(shares) // WHOLE
    for brand, share in zip(first, shares, strict=True):
        if at < share:
            return brand.key
        at -= share
    raise AssertionError("a draw lies below the whole")


@dataclass(frozen=True, slots=True)
class Failed:
    """A win for which a brand's provider gave nothing: the play's name, the draw's attempt, the brands it `may` win."""

    name: str
    brand: str
    attempt: int
    may: tuple[str, ...]


def redraw(game: Game, stand: Stand, seed: bytes, win: Failed) -> str | None:
    """The brand that a winner gets instead: another one where there is one.

    The win stands, so the plan does not change; the failed brand's coupon is to be given again. None where nothing is
    left at all: then nothing was changed.
    """
    stand.left[win.brand] = stand.left.get(win.brand, 0) + 1
    left = [brand for brand in game.brands if brand.key in win.may and stand.left.get(brand.key, 0)]
    others = [brand for brand in left if brand.key != win.brand] or left
    if not others:
        stand.left[win.brand] -= 1
        return None
    brand = choose(stand, seed, win.name, others, win.attempt)
    stand.left[brand] -= 1
    return brand


def give_back(game: Game, stand: Stand, seed: bytes, at: int, brand: str) -> None:
    """A winner could not be given anything in time: the coupon is spread anew with all that are left."""
    stand.won -= 1
    restock(game, stand, seed, at, {brand: 1})


def take(game: Game, stand: Stand, seed: bytes, play: Play, brand: str) -> None:
    """Count a win."""
    plan, at = stand.plan, play.received_at
    stand.left[brand] -= 1
    stand.won += 1
    stand.day.add(play.day.number)
    stand.slot.add(at // game.winners.slot)
    plan.claimed += 1
    if game.lapses:
        plan.claimed = max(plan.claimed, moments.due(game.key, plan, seed, at))


def restock(game: Game, stand: Stand, seed: bytes, at: int, changes: dict[str, int]) -> None:
    """Coupons came (top-up, release) or went (void, expiry) at this moment: spread what is left anew.

    `changes` holds for each brand how many more or fewer are to be given; no brand may come below zero. Without
    changes the plan is made anew for a game whose document is another one now.
    """
    old, change, stand.ruled_at = stand.plan, sum(changes.values()), None
    for brand, more in changes.items():
        stand.left[brand] = stand.left.get(brand, 0) + more
        assert stand.left[brand] >= 0, f"{brand} would have {stand.left[brand]} coupons left"
    at = min(max(at, game.starts_at), game.ends_at)
    free = max(0, moments.unclaimed(game, old, seed, at))
    to_come = old.count - moments.due(game.key, old, seed, at)
    count = min(max(0, to_come + change), stand.total_left)
    stand.plan = Plan(old.generation + 1, at, game.ends_at, count, min(free, stand.total_left - count))
