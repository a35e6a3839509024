"""Days as cells of a file name them, and whether days or months come first in them."""

import re
from collections.abc import Sequence
from datetime import date

DAY_FIRST, MONTH_FIRST = "dmy", "mdy"
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?", re.ASCII)
_LOCAL_DATE = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?: .*)?", re.ASCII)


def read_date(text: str, order: str) -> date | None:
    """The day that a cell names: `2026-12-31`, `31.12.2026`, `12/31/2026`; None if it names none."""
    iso, local = _ISO_DATE.fullmatch(text), _LOCAL_DATE.fullmatch(text)
    if iso:
        year, month, day = iso.groups()
    elif local:
        first, separator, second, year = local.groups()
        day, month = (first, second) if order == DAY_FIRST or separator == "." else (second, first)
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def is_date(text: str) -> bool:
    """Whether a cell looks like a day, whichever way round."""
    return bool(_ISO_DATE.fullmatch(text) or _LOCAL_DATE.fullmatch(text))


def date_order(values: Sequence[str]) -> tuple[str, bool]:
    """Whether days or months come first in these dates, and whether the dates themselves decide it."""
    local = [parts for value in values if (parts := _LOCAL_DATE.fullmatch(value))]
    if not local or all(parts[2] == "." for parts in local) or any(int(parts[1]) > 12 for parts in local):
        return DAY_FIRST, True
    if any(int(parts[3]) > 12 for parts in local):
        return MONTH_FIRST, True
    return DAY_FIRST, False
