"""A campaign in words, game by game: how long, for which coupons, paced how, within which limits."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from engine.language.words.clauses import Clauses
from engine.language.words.wording import listing, plain
from engine.vocabulary.fact import humanised

Raw: TypeAlias = Mapping[str, Any]

_PACED = {
    "moments": "paced by winning moments",
    "adaptive": "paced by the arrival rate",
    "odds": "at fixed odds",
    "remaining": "paced by what remains",
}
_PERCENT = 100


def say_campaign(raw: Raw, say: Clauses) -> str:
    """The games after what holds for all of them; a single game is told at once."""
    games = [_game(game, say) for game in raw.get("games") or [] if isinstance(game, Mapping)]
    of_all = f"{say.only_if(raw.get('condition'))}{say.schedule(raw)}{say.limits(raw)}"
    if len(games) > 1:
        return f"players play {len(games)} games{of_all}: {'; '.join(games)}"
    return f"players play {games[0]}{of_all}" if games else f"players play{of_all}"


def _game(raw: Raw, say: Clauses) -> str:
    """`Friday reel, from … to …, for 500 coupons of Acme Coffee and 200 of Bolt Bikes, paced by winning moments`."""
    name = str(raw.get("name") or raw.get("key") or "…")
    budgets = [_budget(each) for each in raw.get("budgets") or [] if isinstance(each, Mapping)]
    prizes = f" for {listing(budgets, 'and')}" if budgets else ""
    how = f"{_paced(raw.get('pacing'))}{_winners(raw.get('winners'))}"
    return f"{name}{prizes}{say.schedule(raw)}{how}{say.limits(raw)}"


def _budget(raw: Raw) -> str:
    brand = str(raw.get("brand_name") or humanised(str(raw.get("brand") or "…")))
    count = _count(raw.get("coupons"))
    words = f"{count:,} coupons of {brand}" if count else f"coupons of {brand}"
    wins = raw["limits"].get("wins_per_player") if isinstance(raw.get("limits"), Mapping) else None
    return f"{words} (at most {plain(wins)} per player)" if wins else words


def _count(coupons: Any) -> int:
    if not isinstance(coupons, Mapping):
        return 0
    made = coupons.get("generate")
    count = made.get("count") if isinstance(made, Mapping) else len(coupons.get("codes") or ())
    return count if isinstance(count, int) else 0


def _paced(pacing: Any) -> str:
    if not isinstance(pacing, Mapping):
        return f", {_PACED['moments']}"
    words = _PACED.get(str(pacing.get("strategy")), "")
    chance = pacing.get("chance")
    if isinstance(chance, int | float) and pacing.get("strategy") == "odds":
        words += f" of {plain(round(chance * _PERCENT, 6))} %"
    return f", {words}" if words else ""


def _winners(winners: Any) -> str:
    if not isinstance(winners, Mapping):
        return ""
    least, most = winners.get("min_per_day"), winners.get("max_per_day")
    words = f", at least {plain(least)} winners a day" if least else ""
    return words + (f", at most {plain(most)} winners a day" if most else "")
