"""The forms of what surrounds the rules: boosts, segments, event types, brands, pools and limits."""

from engine.authoring.forms.fields import Field, Section, words
from engine.authoring.forms.shared_fields import ABOUT, EXPIRY, SCHEDULE

_TYPES = words(
    "number=Number", "text=Text", "boolean=Yes or no", "date=Date", "texts=List of texts", "list=List of objects"
)

BOOST = (
    Section("who", "For whom", (Field("/segment", "choice", "Segment", choices_from="segments"),), tree="/condition"),
    Section(
        "then",
        "Then multiply",
        (
            Field(
                "/currencies",
                "choices",
                "What",
                "None chosen: XP alone.",
                choices=words("xp=XP", "coins=Coins"),
            ),
            Field("/multiplier", "number", "By", default=2, least=0, most=100, is_required=True),
            Field("/targets", "choices", "Of these rules", "None chosen: of all rules.", choices_from="granting"),
        ),
    ),
    SCHEDULE,
    ABOUT,
)
SEGMENT = (Section("who", "Players for whom", tree="/condition"), ABOUT)
EVENT_TYPE = (
    Section(
        "then",
        "What the event carries",
        (
            Field("/type", "text", "Event type", "As apps send it; empty: the key.", most=64),
            Field(
                "/properties",
                "mapping",
                "Properties",
                columns=(
                    Field("/type", "choice", "Type", choices=_TYPES, default="text", is_required=True),
                    Field("/label", "text", "Label", "As conditions call it.", most=120),
                    Field("/unit", "text", "Unit", most=40),
                    Field("/choices", "texts", "Choices", "Empty: any value."),
                    Field("/example", "text", "Example"),
                ),
            ),
        ),
    ),
    ABOUT,
)
BRAND = (Section("then", "Brand", (Field("/website", "text", "Website", most=500),)), ABOUT)
PLAYER_LIMITS = (
    Section(
        "limits",
        "Limits for every player",
        (
            Field("/max_events_per_minute", "whole", "At most", unit="events a minute", least=1, most=1_000_000),
            Field("/flag_above_usual", "number", "Flag players above", unit="times their usual", least=1, most=10_000),
        ),
    ),
    ABOUT,
)
COUPON_POOL = (
    Section(
        "then",
        "Coupons",
        (
            Field("/brand", "choice", "Brand", choices_from="brands"),
            Field("/coupons/generate/count", "whole", "Make", unit="coupons", least=1, most=1_000_000),
            Field("/coupons/generate/pattern", "text", "Pattern", "# stands for a random character.", most=60),
            Field("/coupons/codes", "texts", "Or these codes", "One on each line."),
            *EXPIRY,
        ),
    ),
    ABOUT,
)
