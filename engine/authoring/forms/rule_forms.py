"""The forms of the kinds of rules: what stands in which section, how it is called and what it may be."""

from engine.authoring.forms.fields import Field, Section, words
from engine.authoring.forms.shared_fields import (
    ABOUT,
    COUNTED,
    GRANT,
    PERIOD_WORDS,
    PLAYERS_ASKED,
    REPEATS,
    SCHEDULE,
    TIERS,
    WHEN,
    WINDOWS,
    ZONE,
)

_AGGREGATES = words(
    "count=How often it happens",
    "sum=The sum of a property",
    "max=The largest value",
    "min=The smallest value",
    "last=The latest value",
    "distinct=How many different values",
)
_OF_A_PROPERTY = ("sum", "max", "min", "last", "distinct")

BADGE = (
    WHEN,
    Section(
        "then",
        "Then award the badge",
        (
            Field("/tier", "choice", "Tier", choices=TIERS, default="bronze"),
            Field("/icon", "icon", "Icon"),
            Field("/repeat", "choice", "How often", choices=REPEATS, default="once"),
            Field("/secret", "yes_no", "Keep it secret until somebody has it", default=False),
            *GRANT,
        ),
    ),
    SCHEDULE,
    ABOUT,
)
MISSION = (
    WHEN,
    Section(
        "then",
        "The goal",
        (
            Field("/goal/target", "whole", "How many times", default=1, least=1, most=1_000_000, is_required=True),
            Field(
                "/period",
                "choice",
                "Within",
                choices=(("once", "Any time, once"), *PERIOD_WORDS),
                default="once",
                is_required=True,
            ),
            Field("/timezone", "zone", "Time zone", "“player” is each player's own.", default="player"),
            *GRANT,
        ),
    ),
    SCHEDULE,
    ABOUT,
)
EARNING = (
    WHEN,
    Section("then", "Then give", GRANT),
    Section(
        "limits",
        "Within these limits",
        (
            Field(
                "/limits/once_per",
                "choices",
                "Once per",
                "Each value earns once, such as each assessment.",
                choices_from="once_per",
            ),
            Field("/limits/max_xp_per_day", "whole", "At most", "For each player and day.", unit="XP a day", least=0),
            Field("/limits/cooldown_seconds", "whole", "Then pause for", unit="seconds", least=0, most=366 * 86_400),
        ),
    ),
    SCHEDULE,
    ABOUT,
)
REWARD = (
    PLAYERS_ASKED,
    Section(
        "then",
        "What it costs and gives",
        (
            Field("/cost/coins", "whole", "Cost", unit="coins", default=0, least=0, most=10**9, is_required=True),
            Field("/stock", "whole", "In stock", "Empty: without end.", least=0, most=10**9),
            Field(
                "/fulfilment/by",
                "choice",
                "Handed out",
                choices=words("hand=By hand", "coupon_pool=As a coupon", "webhook=By another system"),
                default="hand",
            ),
            Field(
                "/fulfilment/coupon_pool",
                "choice",
                "Coupon of",
                choices_from="pools",
                when=("/fulfilment/by", ("coupon_pool",)),
            ),
            Field("/fulfilment/url", "url", "Address", most=500, when=("/fulfilment/by", ("webhook",))),
        ),
    ),
    Section("limits", "Within these limits", (Field("/limits/per_player", "whole", "Each player at most", least=1),)),
    SCHEDULE,
    ABOUT,
)
METRIC = (
    COUNTED,
    Section(
        "then",
        "What is kept",
        (
            Field("/aggregate", "choice", "The number", choices=_AGGREGATES, default="count", is_required=True),
            Field(
                "/property",
                "choice",
                "Of the property",
                choices_from="properties",
                when=("/aggregate", _OF_A_PROPERTY),
            ),
        ),
    ),
    SCHEDULE,
    ABOUT,
)
STREAK = (
    COUNTED,
    Section(
        "then",
        "In a row",
        (
            Field("/every", "choice", "At least once", choices=PERIOD_WORDS, default="day", is_required=True),
            Field("/freezes/initial", "whole", "Freezes to begin with", default=0, least=0, most=100),
            Field("/freezes/max", "whole", "Freezes kept at most", default=0, least=0, most=100),
            Field("/freezes/earn_every", "whole", "One more freeze every", "Empty: none are earned.", unit="periods"),
        ),
    ),
    SCHEDULE,
    ABOUT,
)
LEVELS = (
    Section(
        "then",
        "Levels",
        (
            Field(
                "/thresholds",
                "table",
                "Level",
                "The first begins at 0 XP.",
                columns=(
                    Field("/name", "text", "Name", is_required=True, most=80),
                    Field("/xp", "whole", "From", unit="XP", least=0, is_required=True),
                    Field("/grant/coins", "amount", "Coins", unit="coins"),
                ),
            ),
            Field(
                "/formula",
                "choice",
                "Or by a formula",
                choices=words("doubling=Each level twice as far", "traders=Levels of a trading game"),
            ),
            Field("/max_level", "whole", "Highest level", least=1, most=1000),
        ),
    ),
    Section("limits", "Each new level gives", GRANT),
    ABOUT,
)
LIFECYCLE = (
    Section(
        "then",
        "States",
        (
            Field("/states", "texts", "States", "Such as ACTIVE, AT_RISK, DORMANT.", is_required=True),
            Field("/initial", "choice", "Every player begins in", choices_from="states"),
            Field(
                "/transitions",
                "table",
                "Step",
                columns=(
                    Field("/from", "choices", "From", "None: from every state.", choices_from="states"),
                    Field("/to", "choice", "To", choices_from="states", is_required=True),
                    Field("/after_days_inactive", "whole", "After", unit="days without an event", least=1, most=3650),
                    Field("/trigger/events", "choices", "Or when", choices_from="events"),
                    Field("/condition", "logic", "If", when=("/after_days_inactive", (None,))),
                ),
            ),
        ),
    ),
    ABOUT,
)
LEADERBOARD = (
    Section(
        "then",
        "What is ranked",
        (
            Field("/score", "choice", "Score", choices_from="scores", default="xp", is_required=True),
            Field("/window", "choice", "Within", choices=WINDOWS, default="week", is_required=True),
            ZONE,
            Field("/segment_by", "choice", "A board of its own for each", choices_from="segment_by"),
        ),
    ),
    Section(
        "limits",
        "Limits",
        (
            Field("/limit", "whole", "Places listed", default=1000, least=1, most=1_000_000),
            Field("/finalise_after_hours", "whole", "Final after", unit="hours", default=12, least=0, most=744),
        ),
    ),
    ABOUT,
)
