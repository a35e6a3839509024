"""Facts as a rule reads them, by their full path; and the answer that arithmetic cannot give without one."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Facts(dict[str, Any]):
    """Facts by full path; one that is absent is None. `steps` counts what the rules that read them have cost."""

    __slots__ = ("steps",)

    def __init__(self, known: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        if known:
            self.update(known)
        self.steps = 0

    def __missing__(self, path: str) -> Any:
        return None


class NoAnswerReason(StrEnum):
    """Why arithmetic has no answer, the most decisive first."""

    MISSING = "missing"
    DIVISION_BY_ZERO = "division_by_zero"
    TOO_LARGE = "too_large"


class MissingFact(Exception):  # noqa: N818 — it names what happened; it is an outcome of a rule, not a fault of ours
    """Arithmetic met an operand that is missing or not a number, or has no bounded result. For the caller: no match.

    `path` is the fact that was read, empty if the operand was calculated.
    """

    def __init__(self, path: str = "", reason: NoAnswerReason = NoAnswerReason.MISSING) -> None:
        super().__init__(f"{reason}: {path}" if path else str(reason))
        self.path = path
        self.reason = reason
