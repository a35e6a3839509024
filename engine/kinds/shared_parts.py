"""What several kinds have in common: members of their documents, and the fields of their forms for them."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from engine.coupons.issue import pattern_problem
from engine.documents import shape
from engine.documents.fields import FormField, FormSection, choice_pairs
from engine.documents.shape import (
    Member,
    ShapeCheck,
    list_of,
    nullable,
    object_with,
    optional,
    required,
    text,
    whole_number,
)
from engine.vocabulary.problem import Problem, named, pointer

COINS_MAX = 10**9
WEB_ADDRESS = re.compile(r"(?=.{1,500}$)https?://[A-Za-z0-9.\-\[\]:]+(/[\x21-\x7e]*)?")

PERIODS = ("day", "week", "month")
EVENT_TYPES = list_of(shape.event_type, 1, 50, distinct=True)
TRIGGER = object_with({"events": required(EVENT_TYPES)})
LOGIC = optional(shape.any_value)
GRANT = object_with(
    {"xp": LOGIC, "coins": LOGIC, "coupon_pool": optional(shape.key)}, one_of=("xp", "coins", "coupon_pool")
)
TIME_ZONE = text(60)
LIMIT = nullable(whole_number(1))
_COMMON = {
    "kind": required(shape.any_value),
    "key": required(shape.key),
    "name": required(text(120)),
    "description": optional(text(2000, 0)),
    "why": optional(text(2000, 0)),
    "examples": optional(list_of(shape.any_json, 0, 50)),
}
_SCHEDULE = {"starts_at": optional(shape.date_time), "ends_at": optional(shape.date_time)}
SCHEDULE_MEMBERS = tuple(_SCHEDULE)


def document(own: Mapping[str, Member], *, one_of: tuple[str, ...] = (), scheduled: bool = False) -> ShapeCheck:
    """A document with its own members beside those that all documents have; of `one_of` at least one must be there."""
    return object_with({**_COMMON, **own, **(_SCHEDULE if scheduled else {})}, one_of=one_of)


def coupon_stock(value: Any, at: str) -> Iterator[Problem]:
    """Where coupons come from: made by a pattern, or a list of codes."""
    made = {"count": required(whole_number(1, 1_000_000)), "pattern": required(text(60))}
    known = {"generate": optional(object_with(made)), "codes": optional(list_of(text(100), 1, 100_000, distinct=True))}
    yield from object_with(known, one_of=("generate", "codes"))(value, at)
    generate = value.get("generate") if isinstance(value, dict) else None
    pattern = generate.get("pattern") if isinstance(generate, dict) else None
    count = generate.get("count") if isinstance(generate, dict) else None
    many = count if isinstance(count, int) else 1
    if isinstance(pattern, str) and (problem := pattern_problem(pattern, many)):
        yield Problem(pointer(at, "generate", "pattern"), problem)


def web_address(value: Any, at: str) -> Iterator[Problem]:
    """Where a server outside is called; whether it may be called is decided when it is."""
    if not isinstance(value, str) or not WEB_ADDRESS.fullmatch(value):
        yield Problem(at, "must be a URL such as https://shop.example/laurel, at most 500 characters")


COUPON_EXPIRY = {"expires_at": optional(shape.date_time), "expires_after_days": optional(whole_number(1, 3650))}

PERIOD_WORDS = choice_pairs("day=Each day", "week=Each week", "month=Each month")
ABOUT = FormSection(
    "about",
    "About",
    (
        FormField("/name", "text", "Name", "Shown to players and colleagues.", is_required=True, most=120),
        FormField(
            "/key",
            "key",
            "Key",
            "How apps and other rules refer to it. It cannot change once the rule is published.",
            is_required=True,
            most=60,
        ),
        FormField("/description", "lines", "Description", "One or two sentences for players.", most=2000),
        FormField("/why", "lines", "Why this rule", "For colleagues: what the rule should achieve.", most=2000),
    ),
)
WHEN_SECTION = FormSection(
    "when",
    "When",
    (
        FormField(
            "/trigger/events",
            "choices",
            "Which events",
            "The rule is checked when one of these events arrives.",
            choices_from="events",
            is_required=True,
        ),
    ),
    tree="/condition",
)
COUNTED_SECTION = FormSection(
    "when",
    "What counts",
    (FormField("/events", "choices", "Which events count", choices_from="events", is_required=True),),
    tree="/filter",
)
PLAYERS_SECTION = FormSection("who", "Who is eligible", tree="/condition")
SCHEDULE_SECTION = FormSection(
    "schedule",
    "When it runs",
    (
        FormField("/starts_at", "moment", "From", "If empty: as soon as it is published."),
        FormField("/ends_at", "moment", "Until", "If empty: no end."),
    ),
)
ZONE_FIELD = FormField("/timezone", "zone", "Time zone", "Decides when days, weeks and months begin.", default="UTC")
GRANT_FIELDS = (
    FormField("/grant/xp", "amount", "XP", unit="XP", help="A number, or a number multiplied by facts."),
    FormField("/grant/coins", "amount", "Coins", unit="coins", help="A number, or a number multiplied by facts."),
    FormField(
        "/grant/coupon_pool",
        "choice",
        "A coupon from",
        "One coupon from this pool, while stocks last.",
        choices_from="pools",
    ),
)
EXPIRY_FIELDS = (
    FormField("/expires_at", "moment", "Coupons expire", "The same date for all of them."),
    FormField("/expires_after_days", "whole", "Or after", unit="days", least=1, most=3650),
)


def period_problems(raw: Mapping[str, Any], at: str) -> Iterator[Problem]:
    """A document or game that ends before it begins."""
    starts, ends = raw.get("starts_at"), raw.get("ends_at")
    if starts and ends and datetime.fromisoformat(starts) >= datetime.fromisoformat(ends):
        yield Problem(pointer(at, "ends_at"), f"must be later than {named('starts_at')}")
