"""Fields that several kinds of rules have in common."""

from engine.authoring.forms.fields import Field, Section, words

PERIOD_WORDS = words("day=Each day", "week=Each week", "month=Each month")
TIERS = words("bronze=Bronze", "silver=Silver", "gold=Gold", "platinum=Platinum", "legendary=Legendary")
REPEATS = words("once=Once per player", "day=Once a day", "week=Once a week", "month=Once a month", "always=Every time")
WINDOWS = words("all_time=Of all time", "day=Each day", "week=Each week", "month=Each month")

EVENTS = Field(
    "/trigger/events",
    "choices",
    "Which event",
    "The rule looks at players when one of these events arrives.",
    choices_from="events",
    is_required=True,
)
EVENTS_COUNTED = Field("/events", "choices", "Which events count", choices_from="events", is_required=True)
NAME = Field("/name", "text", "Name", "What players and colleagues read.", is_required=True, most=120)
KEY = Field(
    "/key",
    "key",
    "Key",
    "How apps and other rules name it. It cannot change once the rule was published.",
    is_required=True,
    most=60,
)
DESCRIPTION = Field("/description", "lines", "Description", "One or two sentences for players.", most=2000)
WHY = Field("/why", "lines", "Why this rule", "For colleagues: what it should bring about.", most=2000)
ABOUT = Section("about", "About", (NAME, KEY, DESCRIPTION, WHY))
ZONE = Field("/timezone", "zone", "Time zone", "In which days, weeks and months begin.", default="UTC")
XP = Field("/grant/xp", "amount", "XP", unit="XP", help="A number, or a number times facts.")
COINS = Field("/grant/coins", "amount", "Coins", unit="coins", help="A number, or a number times facts.")
POOL = Field(
    "/grant/coupon_pool", "choice", "A coupon of", "One coupon from this pool, while it lasts.", choices_from="pools"
)
GRANT = (XP, COINS, POOL)
STARTS = Field("/starts_at", "moment", "From", "Empty: from publishing on.")
ENDS = Field("/ends_at", "moment", "Until", "Empty: no end.")
SCHEDULE = Section("schedule", "When it runs", (STARTS, ENDS))
WHEN = Section("when", "When", (EVENTS,), tree="/condition")
COUNTED = Section("when", "What counts", (EVENTS_COUNTED,), tree="/filter")
PLAYERS_ASKED = Section("who", "Who may", tree="/condition")
EXPIRY = (
    Field("/expires_at", "moment", "Coupons expire", "The same moment for all."),
    Field("/expires_after_days", "whole", "Or after", unit="days", least=1, most=3650),
)
