"""What most likely helps: said of an error by its kind. A dry run tells whether it did."""

FIXES = {
    "ZeroDivisionError": "A rule divides by nothing: ask for a value above 0 first",
    "OverflowError": "An amount grows beyond what a ledger holds: put a cap on it",
    "InvalidOperation": "An amount grows beyond what a ledger holds: put a cap on it",
    "RecursionError": "A condition goes too deep: split the rule",
    "MemoryError": "A rule makes too much of a value: put a cap on it",
    "DecodeError": "What is stored cannot be read: “laurel rebuild --state” puts players right",
    "steps, most of them in": "Its rules cost too much: look at shorter lists, or split them by the type of event",
    "the worker died": "It ends whoever works on it: see the worker's log, and which rules listen to this event",
}
DRY_RUN = "Try a dry run: what is live now may do"


def likely_fix(detail: str) -> str:
    """What to try first, without a full stop."""
    return next((fix for sign, fix in FIXES.items() if sign in detail), DRY_RUN)
