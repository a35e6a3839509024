"""Campaign: games that players play for coupons, with the budgets of brands, their pacing and their limits."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.documents import shape
from engine.documents.document import Raw
from engine.documents.fields import FormField, FormSection, choice_pairs
from engine.documents.shape import Member, choice, list_of, object_with, optional, required, text, whole_number
from engine.kinds.kind import Kind
from engine.kinds.shared_parts import (
    ABOUT,
    COUPON_EXPIRY,
    EXPIRY_FIELDS,
    LIMIT,
    LOGIC,
    PLAYERS_SECTION,
    SCHEDULE_SECTION,
    TIME_ZONE,
    ZONE_FIELD,
    coupon_stock,
    document,
    period_problems,
    web_address,
)
from engine.language.words.clauses import GAP, ClauseWords
from engine.language.words.wording import value_text, word_list
from engine.vocabulary.problem import Problem, pointer

_SECONDS_A_DAY = 86_400
_PERCENT = 100

_LIMITS_OF_PLAYER = object_with(
    {
        "plays_per_player": Member(LIMIT),
        "plays_per_player_per_day": Member(LIMIT),
        "wins_per_player": Member(LIMIT),
        "wins_per_player_per_day": Member(LIMIT),
    }
)


def _win_chance(value: Any, at: str) -> Iterator[Problem]:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        yield Problem(at, "must be above 0 and at most 1")


_PACING = object_with(
    {
        "strategy": required(choice("moments", "adaptive", "odds", "remaining")),
        "unclaimed": optional(choice("roll_forward", "lapse")),
        "chance": optional(_win_chance),
        "slot_seconds": optional(whole_number(1, _SECONDS_A_DAY)),
        "horizon_seconds": optional(whole_number(1, _SECONDS_A_DAY)),
    }
)
_WINNERS = object_with(
    {
        "min_per_day": optional(whole_number(1)),
        "max_per_day": optional(whole_number(1)),
        "max_per_slot": optional(whole_number(1)),
        "slot_seconds": optional(whole_number(1, _SECONDS_A_DAY)),
    }
)
_ANSWERS = object_with(
    {name: optional(text(200)) for name in ("early", "late", "paused", "queued", "lost", "exhausted")}
)
_RATES = object_with({"plays_per_player_per_minute": Member(LIMIT), "plays_per_address_per_minute": Member(LIMIT)})
_PROVIDER = object_with({"url": required(web_address), "answer_within_seconds": optional(whole_number(1, 60))})
_BUDGET = object_with(
    {
        "brand": required(shape.key),
        "brand_name": optional(text(120)),
        "weight": optional(whole_number(1, 1_000_000)),
        "priority": optional(whole_number(0, 1000)),
        "limits": optional(object_with({"wins_per_player": Member(LIMIT)})),
        "coupons": optional(coupon_stock),
        **COUPON_EXPIRY,
        "provider": optional(_PROVIDER),
    }
)
_GAME = object_with(
    {
        "key": required(shape.key),
        "name": required(text(120)),
        "description": optional(text(2000, 0)),
        "starts_at": required(shape.date_time),
        "ends_at": required(shape.date_time),
        "reel_seconds": optional(whole_number(0, 60)),
        "decide_within_seconds": optional(whole_number(1, _SECONDS_A_DAY)),
        "pacing": optional(_PACING),
        "limits": optional(_LIMITS_OF_PLAYER),
        "winners": optional(_WINNERS),
        "rates": optional(_RATES),
        "answers": optional(_ANSWERS),
        "budgets": required(list_of(_BUDGET, 1, 50)),
    }
)
_SHAPE = document(
    {
        "timezone": optional(TIME_ZONE),
        "condition": LOGIC,
        "limits": optional(_LIMITS_OF_PLAYER),
        "games": required(list_of(_GAME, 0, 50)),
    },
    scheduled=True,
)

_STRATEGIES = choice_pairs(
    "moments=Winning moments, drawn ahead",
    "adaptive=Adaptive, by the arrival rate",
    "odds=Fixed odds",
    "remaining=Remaining coupons ÷ slots",
)
_UNCLAIMED = choice_pairs("roll_forward=Goes to the next play", "lapse=Lapses")
_BY_MOMENTS, _BY_ODDS = ("/pacing/strategy", ("moments",)), ("/pacing/strategy", ("odds",))
_BY_RATE, _BY_SLOTS = ("/pacing/strategy", ("adaptive",)), ("/pacing/strategy", ("remaining",))


def _player_limit_fields() -> tuple[FormField, ...]:
    return (
        FormField("/limits/plays_per_player", "whole", "Plays per player", least=1),
        FormField("/limits/plays_per_player_per_day", "whole", "Plays per player per day", least=1),
        FormField("/limits/wins_per_player", "whole", "Wins per player", least=1),
        FormField("/limits/wins_per_player_per_day", "whole", "Wins per player per day", least=1),
    )


def _folded(fold: str, *fields: FormField) -> tuple[FormField, ...]:
    return tuple(replace(field, fold=fold) for field in fields)


_PACING_FIELDS = (
    FormField("/pacing/strategy", "choice", "Pacing", choices=_STRATEGIES, default="moments", is_required=True),
    FormField("/pacing/unclaimed", "choice", "An unclaimed winning moment", choices=_UNCLAIMED, when=_BY_MOMENTS),
    FormField("/pacing/chance", "number", "Chance per play", "Such as 0.01.", least=0, most=1, when=_BY_ODDS),
    FormField("/pacing/horizon_seconds", "whole", "Looks back", unit="s", least=1, most=_SECONDS_A_DAY, when=_BY_RATE),
    FormField("/pacing/slot_seconds", "whole", "Slot length", unit="s", least=1, most=_SECONDS_A_DAY, when=_BY_SLOTS),
)
_WINNERS_FIELDS = (
    FormField("/winners/min_per_day", "whole", "At least", unit="winners per day", least=1),
    FormField("/winners/max_per_day", "whole", "At most", unit="winners per day", least=1),
    FormField("/winners/max_per_slot", "whole", "At most", unit="winners per slot", least=1),
    FormField("/winners/slot_seconds", "whole", "Slot length for winners", unit="s", least=1, most=_SECONDS_A_DAY),
    FormField("/decide_within_seconds", "whole", "Decided within", unit="s", least=1, most=_SECONDS_A_DAY),
)
_BUDGET_FIELDS = (
    FormField("/brand", "key", "Brand", "Its key, such as acme_coffee.", is_required=True, most=60),
    FormField("/brand_name", "text", "Brand name", "Shown to players.", most=120),
    FormField(
        "/coupons/generate/count", "whole", "Coupons to make", "If empty: codes are uploaded.", least=1, most=1_000_000
    ),
    FormField("/coupons/generate/pattern", "text", "Code pattern", "# is a random character.", most=60),
    *_folded(
        "Choice of brand, expiry of coupons",
        FormField("/weight", "whole", "Weight", "Relative to other brands. If empty: 1.", least=1, most=1_000_000),
        FormField("/priority", "whole", "Priority", "Higher goes first.", least=0, most=1000),
        FormField("/limits/wins_per_player", "whole", "Wins per player", least=1),
        *EXPIRY_FIELDS,
    ),
    *_folded(
        "Coupons from a provider",
        FormField("/provider/url", "url", "URL", "Called for each coupon. If empty: codes are in Laurel.", most=500),
        FormField("/provider/answer_within_seconds", "whole", "Answers within", unit="s", least=1, most=600),
    ),
)
_RATES_FIELDS = (
    FormField("/rates/plays_per_player_per_minute", "whole", "Presses per player per minute", least=1),
    FormField("/rates/plays_per_address_per_minute", "whole", "Presses per IP address per minute", least=1),
)
_ANSWERS_FIELDS = (
    FormField("/answers/early", "text", "Before the start", most=200),
    FormField("/answers/late", "text", "After the end", most=200),
    FormField("/answers/paused", "text", "While paused", most=200),
    FormField("/answers/queued", "text", "While outcomes are delayed", most=200),
    FormField("/answers/lost", "text", "When a play does not win", most=200),
    FormField("/answers/exhausted", "text", "When everything is gone", most=200),
)
_GAMES_FIELD = FormField(
    "/games",
    "table",
    "Game",
    columns=(
        FormField("/name", "text", "Name", is_required=True, most=120),
        FormField("/key", "key", "Key", is_required=True, default="game", most=60),
        FormField("/starts_at", "moment", "From", is_required=True),
        FormField("/ends_at", "moment", "Until", is_required=True),
        FormField("/reel_seconds", "whole", "The reel spins for", "If empty: 10 s.", unit="s", least=0, most=60),
        *_PACING_FIELDS,
        *_folded("Limits per player", *_player_limit_fields(), *_RATES_FIELDS),
        *_folded("How many winners, and when", *_WINNERS_FIELDS),
        *_folded("Messages to players", *_ANSWERS_FIELDS),
        FormField("/budgets", "table", "Budget", "A number of coupons from one brand.", columns=_BUDGET_FIELDS),
    ),
)
_FORM = (
    PLAYERS_SECTION,
    FormSection("then", "Games", (_GAMES_FIELD,)),
    FormSection("limits", "Limits across all games", _player_limit_fields()),
    FormSection("schedule", "When it runs", (*SCHEDULE_SECTION.fields, ZONE_FIELD)),
    ABOUT,
)


def _consistency(raw: Raw, at: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, game in enumerate(raw["games"]):
        here = pointer(at, "games", index)
        yield from period_problems(game, here)
        if game["key"] in seen:
            yield Problem(pointer(here, "key"), f"duplicate game {game['key']!r}")
        seen.add(game["key"])


_PACING_WORDS = {
    "moments": "paced by winning moments",
    "adaptive": "paced by the arrival rate",
    "odds": "at fixed odds",
    "remaining": "paced by what remains",
}


def _sentence(raw: Raw, say: ClauseWords) -> str:
    """What holds for all games, then each of them; a single game comes first."""
    games = [_game_words(game, say) for game in raw.get("games") or [] if isinstance(game, Mapping)]
    of_all = f"{say.only_if(raw.get('condition'))}{say.schedule(raw)}{say.limits(raw)}"
    if len(games) > 1:
        return f"players play {len(games)} games{of_all}: {'; '.join(games)}"
    return f"players play {games[0]}{of_all}" if games else f"players play{of_all}"


def _game_words(raw: Raw, say: ClauseWords) -> str:
    """`Friday reel, from … to …, for 500 coupons of Acme Coffee and 200 of Bolt Bikes, paced by winning moments`."""
    name = str(raw.get("name") or GAP)
    budgets = [_budget_words(budget, say) for budget in raw.get("budgets") or [] if isinstance(budget, Mapping)]
    prizes = f" for {word_list(budgets, 'and')}" if budgets else ""
    how = f"{_pacing_words(raw.get('pacing'))}{_winners_words(raw.get('winners'))}"
    return f"{name}{prizes}{say.schedule(raw)}{how}{say.limits(raw)}"


def _budget_words(raw: Raw, say: ClauseWords) -> str:
    brand = str(raw.get("brand_name") or (say.key(raw["brand"]) if raw.get("brand") else GAP))
    count = _coupon_count(raw.get("coupons"))
    words = f"{count:,} coupons of {brand}" if count else f"coupons of {brand}"
    wins = raw["limits"].get("wins_per_player") if isinstance(raw.get("limits"), Mapping) else None
    return f"{words} (at most {value_text(wins)} per player)" if wins else words


def _coupon_count(coupons: Any) -> int:
    if not isinstance(coupons, Mapping):
        return 0
    made = coupons.get("generate")
    count = made.get("count") if isinstance(made, Mapping) else len(coupons.get("codes") or ())
    return count if isinstance(count, int) else 0


def _pacing_words(pacing: Any) -> str:
    if not isinstance(pacing, Mapping):
        return f", {_PACING_WORDS['moments']}"
    words = _PACING_WORDS.get(str(pacing.get("strategy")), "")
    chance = pacing.get("chance")
    if isinstance(chance, int | float) and pacing.get("strategy") == "odds":
        words += f" of {value_text(round(chance * _PERCENT, 6))} %"
    return f", {words}" if words else ""


def _winners_words(winners: Any) -> str:
    if not isinstance(winners, Mapping):
        return ""
    least, most = winners.get("min_per_day"), winners.get("max_per_day")
    words = f", at least {value_text(least)} winners a day" if least else ""
    return words + (f", at most {value_text(most)} winners a day" if most else "")


CAMPAIGN = Kind(
    key="campaign",
    icon="speakerphone",
    purpose="Games with coupons, between two dates",
    shape=_SHAPE,
    form=_FORM,
    tab="Campaigns",
    first_members={"games": []},
    sentence=_sentence,
    consistency=_consistency,
)
