"""Why a play is not accepted, in the contract's codes."""

from webapp.http.problems import ApiProblem, FieldError
from webapp.store.campaigns.plays import PlayReceipt

OVERLOADED = {
    "busy": ("backlog", "too many plays are queued in this game"),
    "too_often": ("rate_limited", "this player or address plays too often"),
}
CLOSED = {"early": "has not begun", "late": "is over", "paused": "is paused"}
WHOLE_GAME_VERDICTS = frozenset({"busy", "unknown"})
"""Verdicts about the game, whatever the play."""


def raise_for_receipt(receipt: PlayReceipt, game: str) -> None:
    """Raise ApiProblem where a play was not accepted."""
    if receipt.verdict in {"accepted", "same"}:
        return
    code, detail = problem_of(receipt, game)
    if receipt.verdict in OVERLOADED:
        problem = ApiProblem(429, code, detail, headers={"Retry-After": str(receipt.retry_seconds)})
        if receipt.notice:
            problem.extensions["notice"] = receipt.notice
        raise problem
    if receipt.verdict == "closed":
        reason = receipt.reason or "late"
        raise ApiProblem(409, code, detail, [FieldError("", CLOSED[reason], reason)])
    raise ApiProblem(404 if receipt.verdict == "unknown" else 409, code, detail)


def problem_of(receipt: PlayReceipt, game: str) -> tuple[str, str]:
    """The contract's code for why a play was not accepted, and what it means."""
    if receipt.verdict in OVERLOADED:
        code, detail = OVERLOADED[receipt.verdict]
        return code, f"{detail}; try again in {receipt.retry_seconds} s"
    if receipt.verdict == "closed":
        return "game_not_open", f"the game {game} {CLOSED[receipt.reason or 'late']}"
    if receipt.verdict == "unknown":
        return "not_found", f"no such game: {game}"
    return "conflict", "this play_id was already used for another player or game"
