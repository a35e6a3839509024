"""What a game promises its players, in plain English: when it is open, what can be won, with what odds, how often."""

from collections.abc import Iterator
from datetime import timedelta, tzinfo

from engine.coupons.game import SECOND, Game, PlayLimits
from engine.vocabulary.moment import EPOCH


def terms_for_players(game: Game, campaign_limits: PlayLimits, zone: tzinfo, *, is_for_all: bool) -> list[str]:
    """The sentences, in the campaign's time zone. Nothing in them is about another game or about numbers of coupons."""
    sentences = [
        f"The game is open from {_moment(game.starts_at, zone)} to {_moment(game.ends_at, zone)}, {zone} time.",
        _prizes(game),
        *_odds(game),
        *_winner_bounds(game),
        *_limits(game.limits, "in this game"),
        *_limits(campaign_limits, "in all games of the campaign together"),
    ]
    if not is_for_all:
        sentences.append("It is open only to some players; this page says so if you are not among them.")
    return sentences


def _moment(at: int, zone: tzinfo) -> str:
    return f"{(EPOCH + timedelta(microseconds=at)).astimezone(zone):%-d %B %Y, %H:%M:%S}".removesuffix(":00")


def _prizes(game: Game) -> str:
    names = [
        brand.name
        + (f" (at most {brand.wins_per_player} for each player)" if brand.wins_per_player is not None else "")
        for brand in game.brands
    ]
    prizes = f"You can win coupons of {_listed(names)}."
    if len(game.brands) == 1:
        return prizes
    if len({brand.priority for brand in game.brands}) > 1:
        order = sorted(game.brands, key=lambda brand: -brand.priority)
        tiers = list(dict.fromkeys(brand.priority for brand in order))
        groups = [_listed([brand.name for brand in order if brand.priority == tier]) for tier in tiers]
        prizes += f" They are given in this order: {', then '.join(groups)}."
    weights = ", ".join(f"{brand.name} {brand.weight}" for brand in game.brands)
    is_weighted = len({brand.weight for brand in game.brands}) > 1
    weighted = f", weighted {weights}" if is_weighted else ""
    return f"{prizes} Which of them a winner gets is drawn by how many of each are left{weighted}."


def _odds(game: Game) -> Iterator[str]:
    pacing = game.pacing
    if pacing.strategy == "odds":
        numerator, denominator = pacing.chance
        share = numerator / denominator
        one_in = f"one in {_number(1 / share)}, " if 0 < share < 1 else ""
        yield f"While coupons are left, each play wins with a chance of {one_in}{_number(100 * share)} %."
    elif pacing.strategy == "moments":
        yield (
            "Winning moments are drawn in advance, spread evenly over the game, one for each coupon. The first play"
            " after a winning moment wins; the fewer people play, the better your odds."
        )
        if game.lapses:
            yield "A winning moment that nobody uses before the next win is lost."
        else:
            yield "A winning moment that nobody uses is kept for later plays."
    elif pacing.strategy == "adaptive":
        yield (
            "The odds of a play follow from the coupons left, the time left and how many people play: the coupons"
            " last until the end, and the fewer people play, the better your odds."
        )
        yield f"Plays of the last {_seconds(pacing.horizon)} count for that."
    else:
        yield (
            "The odds of a play are the number of coupons left, divided by the time left in units of"
            f" {_seconds(pacing.slot)}."
        )


def _winner_bounds(game: Game) -> Iterator[str]:
    winners = game.winners
    if winners.min_per_day is not None:
        yield (
            f"At least {_times(winners.min_per_day, 'play')} a day should win: where fewer have won than are due by the"
            " time of day, the next play wins."
        )
    if winners.max_per_day is not None:
        yield f"At most {_times(winners.max_per_day, 'play')} a day can win."
    if winners.max_per_slot is not None:
        yield f"At most {_times(winners.max_per_slot, 'play')} can win within {_seconds(winners.slot)}."


def _limits(limits: PlayLimits, where: str) -> Iterator[str]:
    plays = [_often(limits.plays, ""), _often(limits.plays_per_day, " a day")]
    wins = [_often(limits.wins, ""), _often(limits.wins_per_day, " a day")]
    parts = [
        f"{verb} {' and '.join(filter(None, counts))}"
        for verb, counts in (("play", plays), ("win", wins))
        if any(counts)
    ]
    if parts:
        yield f"You can {' and '.join(parts)} {where}."


def _often(count: int | None, window: str) -> str:
    return "" if count is None else f"{_times(count, 'time')}{window}"


def _times(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _seconds(duration: int) -> str:
    return _times(max(1, duration // SECOND), "second")


def _number(value: float) -> str:
    return f"{value:,.10f}".rstrip("0").rstrip(".") if value < 1 else f"{value:,.2f}".rstrip("0").rstrip(".")


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
