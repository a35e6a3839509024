"""What most likely fixes an error, by its kind. A dry run shows whether it did."""

FIXES = {
    "ZeroDivisionError": "A rule divides by zero: add the condition that the value is above 0",
    "OverflowError": "An amount exceeds what the ledger can hold: cap it",
    "InvalidOperation": "An amount exceeds what the ledger can hold: cap it",
    "RecursionError": "A condition is nested too deeply: split the rule",
    "MemoryError": "A rule builds too large a value: cap it",
    "DecodeError": "The entry itself cannot be read: see in a dry run whether this version can",
    "steps, most of them in": "Its rules take too many steps: use shorter lists, or split the rules by event type",
    "the worker died": "It crashes the worker: check the worker's log and the rules for this event type",
}
DRY_RUN = "See in a dry run whether the current live rules can apply it"


def likely_fix(detail: str) -> str:
    """What to try first, without a full stop."""
    return next((fix for sign, fix in FIXES.items() if sign in detail), DRY_RUN)
