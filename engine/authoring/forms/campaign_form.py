"""The form of a campaign: who may play, its games with their pacing, and the budgets of each game."""

from dataclasses import replace

from engine.authoring.forms.fields import Field, Section, words
from engine.authoring.forms.shared_fields import ABOUT, EXPIRY, PLAYERS_ASKED, SCHEDULE, ZONE

_STRATEGIES = words(
    "moments=Winning moments, drawn ahead",
    "adaptive=Adaptive, by the arrival rate",
    "odds=Fixed odds",
    "remaining=Remaining coupons ÷ slots",
)
_UNCLAIMED = words("roll_forward=Goes to the next play", "lapse=Lapses")
_BY_MOMENTS, _BY_ODDS = ("/pacing/strategy", ("moments",)), ("/pacing/strategy", ("odds",))
_BY_RATE, _BY_SLOTS = ("/pacing/strategy", ("adaptive",)), ("/pacing/strategy", ("remaining",))
_SECONDS_A_DAY = 86_400


def _limits_of_player() -> tuple[Field, ...]:
    return (
        Field("/limits/plays_per_player", "whole", "Plays of each player", least=1),
        Field("/limits/plays_per_player_per_day", "whole", "Plays a day of each player", least=1),
        Field("/limits/wins_per_player", "whole", "Wins of each player", least=1),
        Field("/limits/wins_per_player_per_day", "whole", "Wins a day of each player", least=1),
    )


def _folded(fold: str, *fields: Field) -> tuple[Field, ...]:
    return tuple(replace(field, fold=fold) for field in fields)


_PACING = (
    Field("/pacing/strategy", "choice", "Pacing", choices=_STRATEGIES, default="moments", is_required=True),
    Field("/pacing/unclaimed", "choice", "A moment that nobody plays at", choices=_UNCLAIMED, when=_BY_MOMENTS),
    Field("/pacing/chance", "number", "Chance of each play", "Such as 0.01.", least=0, most=1, when=_BY_ODDS),
    Field("/pacing/horizon_seconds", "whole", "Looks back", unit="s", least=1, most=_SECONDS_A_DAY, when=_BY_RATE),
    Field("/pacing/slot_seconds", "whole", "A slot lasts", unit="s", least=1, most=_SECONDS_A_DAY, when=_BY_SLOTS),
)
_WINNERS = (
    Field("/winners/min_per_day", "whole", "At least", unit="winners a day", least=1),
    Field("/winners/max_per_day", "whole", "At most", unit="winners a day", least=1),
    Field("/winners/max_per_slot", "whole", "At most", unit="winners a slot", least=1),
    Field("/winners/slot_seconds", "whole", "A slot of winners lasts", unit="s", least=1, most=_SECONDS_A_DAY),
    Field("/decide_within_seconds", "whole", "Decided within", unit="s", least=1, most=_SECONDS_A_DAY),
)
_BUDGET = (
    Field("/brand", "key", "Brand", "Its key, such as acme_coffee.", is_required=True, most=60),
    Field("/brand_name", "text", "Brand’s name", "What players read.", most=120),
    Field("/coupons/generate/count", "whole", "Coupons to make", "None: codes are uploaded.", least=1, most=1_000_000),
    Field("/coupons/generate/pattern", "text", "Pattern of codes", "# is a random character.", most=60),
    *_folded(
        "Which brand wins, how long coupons hold",
        Field("/weight", "whole", "Weight", "Against other brands; 1 if empty.", least=1, most=1_000_000),
        Field("/priority", "whole", "Priority", "Higher goes first.", least=0, most=1000),
        Field("/limits/wins_per_player", "whole", "Wins of each player", least=1),
        *EXPIRY,
    ),
    *_folded(
        "Coupons of a provider",
        Field("/provider/url", "url", "Address", "Asked for each coupon; empty: codes are ours.", most=500),
        Field("/provider/answer_within_seconds", "whole", "Answers within", unit="s", least=1, most=600),
    ),
)
_RATES = (
    Field("/rates/plays_per_player_per_minute", "whole", "Presses a minute of each player", least=1),
    Field("/rates/plays_per_address_per_minute", "whole", "Presses a minute of each address", least=1),
)
_ANSWERS = (
    Field("/answers/early", "text", "Said before it begins", most=200),
    Field("/answers/late", "text", "Said after its end", most=200),
    Field("/answers/paused", "text", "Said in a pause", most=200),
    Field("/answers/queued", "text", "Said while outcomes are late", most=200),
    Field("/answers/lost", "text", "Said to who does not win", most=200),
    Field("/answers/exhausted", "text", "Said when all is gone", most=200),
)
_GAMES = Field(
    "/games",
    "table",
    "Game",
    columns=(
        Field("/name", "text", "Name", is_required=True, most=120),
        Field("/key", "key", "Key", is_required=True, default="game", most=60),
        Field("/starts_at", "moment", "From", is_required=True),
        Field("/ends_at", "moment", "Until", is_required=True),
        Field("/reel_seconds", "whole", "The reel turns", "10 s if empty.", unit="s", least=0, most=60),
        *_PACING,
        *_folded("Limits for players", *_limits_of_player(), *_RATES),
        *_folded("How many winners, how soon", *_WINNERS),
        *_folded("What players are told", *_ANSWERS),
        Field("/budgets", "table", "Budget", "So many coupons of a brand.", columns=_BUDGET),
    ),
)
CAMPAIGN = (
    PLAYERS_ASKED,
    Section("then", "Games", (_GAMES,)),
    Section("limits", "Limits over all games", _limits_of_player()),
    Section("schedule", "When it runs", (*SCHEDULE.fields, ZONE)),
    ABOUT,
)
