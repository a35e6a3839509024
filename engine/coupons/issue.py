"""Coupons: their states, when they expire, and codes that people can read to each other."""

from collections.abc import Callable, Mapping

AVAILABLE, RESERVED, ISSUED = "available", "reserved", "issued"
REDEEMED, EXPIRED, VOIDED = "redeemed", "expired", "voided"
STATES = (AVAILABLE, RESERVED, ISSUED, REDEEMED, EXPIRED, VOIDED)

NEXT_STATES: Mapping[str, frozenset[str]] = {
    AVAILABLE: frozenset({RESERVED, ISSUED, EXPIRED, VOIDED}),
    RESERVED: frozenset({ISSUED, AVAILABLE, VOIDED}),
    ISSUED: frozenset({REDEEMED, EXPIRED, VOIDED}),
    REDEEMED: frozenset(),
    EXPIRED: frozenset(),
    VOIDED: frozenset(),
}
"""State → the states that may follow. A reservation that fails makes its coupon available again."""

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""What codes are drawn from: without 0, O, 1, I and L, which look alike."""

CODE_LENGTH_MAX = 100
PLACEHOLDER = "#"
CODES_PER_COUPON = 1_000
"""A pattern must have this many codes for each coupon to be made, so that none can be guessed."""

_DAY = 86_400_000_000
_FORMULA_STARTS = frozenset("=+-@\t\r")


def may_become(state: str, after: str) -> bool:
    """Whether a coupon may go from one state to another."""
    return after in NEXT_STATES[state]


def expires_at(issued_at: int, fixed: int | None, days: int | None) -> int | None:
    """When a coupon issued now expires (µs): at a fixed moment or after so many days, whichever is earlier."""
    moments = [fixed] if fixed is not None else []
    if days is not None:
        moments.append(issued_at + days * _DAY)
    return min(moments, default=None)


def code_from_pattern(pattern: str, pick: Callable[[str], str]) -> str:
    """A code in which `pick` has drawn a letter of the alphabet for every `#` of the pattern."""
    return "".join(pick(ALPHABET) if letter == PLACEHOLDER else letter for letter in pattern)


def possible_codes(pattern: str) -> int:
    """How many different codes a pattern allows."""
    return int(len(ALPHABET) ** pattern.count(PLACEHOLDER))


def pattern_problem(pattern: str, count: int) -> str:
    """Why a pattern is too short for `count` codes; empty if it is not."""
    if possible_codes(pattern) >= count * CODES_PER_COUPON:
        return ""
    placeholders = pattern.count(PLACEHOLDER)
    while len(ALPHABET) ** placeholders < count * CODES_PER_COUPON:
        placeholders += 1
    return f"allows too few codes for {count:,} that nobody can guess; use at least {placeholders} #"


def code_problem(text: str) -> str:
    """Why a text cannot be a coupon's code; empty if it can."""
    if not text:
        return "is empty"
    if len(text) > CODE_LENGTH_MAX:
        return f"is longer than {CODE_LENGTH_MAX} characters"
    if not text.isprintable():
        return "contains a character that cannot be printed"
    if text != text.strip():
        return "begins or ends with a space"
    # Operators export codes as CSV; a spreadsheet would run such a code.
    if text[0] in _FORMULA_STARTS:
        return f"begins with {text[0]!r}, which spreadsheets take for a formula"
    return ""
