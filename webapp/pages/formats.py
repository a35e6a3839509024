"""How pages say numbers and times: separators, "4 s ago", ordinals, plurals."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Flask

from engine.language.words.wording import value_text
from webapp.pages.charts.small_charts import day_bars, sparkline_points
from webapp.runtime import clock

THIN_MINUS = "−"
EXACT_HOURS = 4


def set_up(app: Flask) -> None:
    """Give the templates the words of this module as filters."""
    filters = (
        number,
        amount,
        ago,
        browser_name,
        clock_time,
        full_time,
        iso,
        day_name,
        minute_name,
        ordinal,
        counted,
        humane,
        micros,
        unit,
        until,
        value_text,
        sparkline_points,
        day_bars,
    )
    app.jinja_env.filters.update({filter_.__name__: filter_ for filter_ in filters})


_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
"""What a `User-Agent` contains → what people call it; the first that fits counts: browsers name others, too."""


def browser_name(user_agent: str) -> str:
    """A browser as people know it: `Firefox on Windows`; what says neither is shown as it is."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return " on ".join(filter(None, (browser, system))) or user_agent or "Unknown browser"


def number(value: float) -> str:
    """1284 → "1,284"; a fraction keeps at most two places."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def amount(value: float) -> str:
    """A change with its sign: "+60", "−100"."""
    return f"+{number(value)}" if value >= 0 else f"{THIN_MINUS}{number(-value)}"


def counted(value: int, one: str, many: str = "") -> str:
    """One thing by its name, several by theirs: "1 event", "3 events"."""
    return f"{number(value)} {one if value == 1 else many or one + 's'}"


def unit(value: float, currency: str) -> str:
    """What an amount of `xp` or `coins` is counted in: "XP", "coin" or "coins"."""
    return "XP" if currency == "xp" else "coin" if abs(value) == 1 else "coins"


def granted_amounts(grant: Mapping[str, Any]) -> list[str]:
    """The XP and coins of a grant, without what it has none of: ["60 XP", "1 coin"]."""
    values = [(currency, grant.get(currency)) for currency in ("xp", "coins")]
    return [f"{number(value)} {unit(value, currency)}" for currency, value in values if value]


def minutes(seconds: int) -> str:
    """A wait in whole minutes, at least one: "a minute", "15 minutes"."""
    whole = max(1, -(-seconds // 60))
    return "a minute" if whole == 1 else f"{number(whole)} minutes"


def ordinal(value: int) -> str:
    """1 → "1st", 12 → "12th"."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{number(value)}{'th' if value % 100 in (11, 12, 13) else ending}"


def humane(name: str) -> str:
    """A key or a reason as words: "rate_limited" → "rate limited"."""
    return name.replace("_", " ").replace(".", " ")


def until(moment: datetime | str, now: datetime | None = None) -> str:
    """How long something still lasts: "in 9 h", "in 2 d 4 h"."""
    end = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    minutes = max(0, int((end - (now or clock.now())).total_seconds() // 60))
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"in {days} d {hours} h" if hours else f"in {days} d"
    if 0 < hours < EXACT_HOURS and minutes % 60:
        return f"in {hours} h {minutes % 60} min"
    return f"in {hours} h" if hours else f"in {minutes} min"


def micros(moment: int) -> datetime:
    """A moment of the engine, in microseconds, as pages know moments."""
    return clock.from_micros(moment)


def iso(moment: datetime) -> str:
    """The machine's form, for `datetime` attributes."""
    return moment.isoformat()


def clock_time(moment: datetime) -> str:
    """The time of day with seconds, in UTC."""
    return f"{moment:%H:%M:%S}"


def full_time(moment: datetime) -> str:
    """Everything, with the zone."""
    return f"{moment:%-d %B %Y, %H:%M:%S} UTC"


def day_name(moment: datetime) -> str:
    """Just the date: "18 Nov 2026"."""
    return f"{moment:%-d %b %Y}"


def minute_name(moment: datetime) -> str:
    """Date and time to the minute, with the zone: "1 Dec 2026, 09:00 UTC"."""
    return f"{day_name(moment)}, {moment:%H:%M} UTC"


def ago(moment: datetime, now: datetime | None = None) -> str:
    """Say "4 s ago" up to an hour, then the clock for today, then the date."""
    now = now or clock.now()
    passed = now - moment
    if timedelta(seconds=-5) <= passed < timedelta(minutes=1):
        return f"{max(0, int(passed.total_seconds()))} s ago"
    if timedelta(0) <= passed < timedelta(hours=1):
        return f"{int(passed.total_seconds()) // 60} min ago"
    if moment.date() == now.date():
        return f"{moment:%H:%M}"
    return f"{moment:%-d %b}" if moment.year == now.year else day_name(moment)
