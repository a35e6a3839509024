"""Which values of one fact a condition allows: an interval, a list, or all but a list, and whether it may be absent.

A value of another type than the condition asks about counts as absent. CHECKS.md explains how ranges are used.
"""

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Range:
    """Values of one kind ("number", "text", "boolean"; empty for any) within bounds; `absent` if there may be no value.

    With `allowed` only these, without `excluded`. Bounds are included unless open.
    """

    kind: str = ""
    low: Any = None
    high: Any = None
    is_low_open: bool = False
    is_high_open: bool = False
    allowed: frozenset[Any] | None = None
    excluded: frozenset[Any] = frozenset()
    absent: bool = False


def kind_of(value: Any) -> str:
    """The kind of a plain value."""
    if isinstance(value, bool):
        return "boolean"
    return "text" if isinstance(value, str) else "number"


def is_empty(range_: Range) -> bool:
    """Whether nothing is allowed at all."""
    return not range_.absent and not has_values(range_)


def has_values(range_: Range) -> bool:
    """Whether any value is allowed."""
    if range_.allowed is not None:
        return any(_is_within(value, range_) for value in range_.allowed - range_.excluded)
    if range_.low is None or range_.high is None:
        return True
    if range_.low == range_.high:
        return not (range_.is_low_open or range_.is_high_open) and range_.low not in range_.excluded
    return bool(range_.low < range_.high)


def both(one: Range, other: Range) -> Range:
    """What both allow. If their kinds differ, the values of each count as absent for the other."""
    if one.kind and other.kind and one.kind != other.kind:
        return _of_two_kinds(one, other)
    low, is_low_open = _tighter((one.low, one.is_low_open), (other.low, other.is_low_open), is_low=True)
    high, is_high_open = _tighter((one.high, one.is_high_open), (other.high, other.is_high_open), is_low=False)
    kind = one.kind or other.kind
    return Range(
        kind,
        low,
        high,
        is_low_open,
        is_high_open,
        _common(kind, one.allowed, other.allowed),
        one.excluded | other.excluded,
        one.absent and other.absent,
    )


def opposite(range_: Range) -> list[Range]:
    """What `range_`, that of a single row, does not allow."""
    absent = not range_.absent
    if range_.allowed is not None:
        return [Range(range_.kind, excluded=range_.allowed, absent=absent)]
    if range_.excluded:
        return [Range(range_.kind, allowed=range_.excluded, absent=absent)]
    outside = []
    if range_.low is not None:
        outside.append(Range(range_.kind, high=range_.low, is_high_open=not range_.is_low_open, absent=absent))
    if range_.high is not None:
        outside.append(Range(range_.kind, low=range_.high, is_low_open=not range_.is_high_open, absent=absent))
    return outside or [Range(range_.kind, allowed=frozenset(), absent=absent)]


def is_inside(inner: Range, outer: Range) -> bool:
    """Whether `outer` allows everything that `inner` allows."""
    if inner.absent and not outer.absent:
        return False
    if inner.kind and outer.kind and inner.kind != outer.kind:
        return not has_values(inner)
    return not any(has_values(both(inner, outside)) for outside in opposite(outer))


def _of_two_kinds(one: Range, other: Range) -> Range:
    if one.absent and other.absent:
        return Range(absent=True)
    if not one.absent and not other.absent:
        return Range(one.kind, allowed=frozenset())
    return replace(other if one.absent else one, absent=False)


def _is_within(value: Any, range_: Range) -> bool:
    if range_.low is not None and (value < range_.low or (range_.is_low_open and value == range_.low)):
        return False
    return range_.high is None or not (value > range_.high or (range_.is_high_open and value == range_.high))


def _tighter(one: tuple[Any, bool], other: tuple[Any, bool], *, is_low: bool) -> tuple[Any, bool]:
    """The narrower of two bounds, each given with whether it is open."""
    if one[0] is None or other[0] is None:
        return other if one[0] is None else one
    if one[0] == other[0]:
        return one[0], one[1] or other[1]
    return one if (one[0] > other[0]) is is_low else other


def _common(kind: str, one: frozenset[Any] | None, other: frozenset[Any] | None) -> frozenset[Any] | None:
    """The values that both allow, of this kind only; None for all."""
    if one is None:
        common = other
    elif other is None:
        common = one
    else:
        common = one & other
    if common is None or not kind:
        return common
    return frozenset(value for value in common if kind_of(value) == kind)
