"""How an amount came about, in one line: "50 × 2 Double weekend, 40 over the day's limit"."""

from collections.abc import Mapping
from typing import Any

from webapp.pages.formats import number

CUT_BY = {"daily_cap": "over the day's limit", "balance_max": "over the highest balance there is"}


def origin_text(grant: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """The calculation of a grant that is not simply what its rule says; empty for one that is."""
    if not is_unusual(grant):
        return ""
    factors = [
        f" × {number(boost['multiplier'])} {names.get(boost['rule'], boost['rule'])}" for boost in grant["boosts"]
    ]
    text = f"{number(grant['base'])}{''.join(factors)}"
    result = grant["amount"] + grant["cut_off"]
    if result != grant["base"]:
        text += f" = {number(result)}"
    return f"{text}, {number(grant['cut_off'])} {CUT_BY[grant['cut_by']]}" if grant["cut_off"] else text


def is_unusual(grant: Mapping[str, Any]) -> bool:
    """Whether a grant was boosted, rounded or cut."""
    return bool(grant["boosts"] or grant["cut_off"] or grant["base"] != grant["amount"])


def level_text(grant: Mapping[str, Any]) -> str:
    """The level that an amount led to; empty where it stayed the same."""
    before, after = grant["level_before"], grant["level_after"]
    if before is None or after is None or before["number"] == after["number"]:
        return ""
    name = after["name"] or f"level {after['number']}"
    return f"{'reached' if after['number'] > before['number'] else 'back to'} {name}"
