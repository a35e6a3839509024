"""Why a play is not taken, as the contract says it."""

from webapp.api.problems import Flaw, Refused
from webapp.store.campaigns.plays import PlayReceipt

TOO_MUCH = {
    "busy": ("backlog", "too many plays wait in this game"),
    "too_often": ("rate_limited", "this player or address plays too often"),
}
CLOSED = {"early": "has not begun", "late": "is over", "paused": "is paused"}
FOR_ALL = frozenset({"busy", "unknown"})
"""Verdicts that say nothing of one play, but of the game."""


def refuse(accepted: PlayReceipt, game: str) -> None:
    """Raise `Refused` where a play was not taken."""
    if accepted.verdict in {"accepted", "same"}:
        return
    code, detail = code_of(accepted, game)
    if accepted.verdict in TOO_MUCH:
        refused = Refused(429, code, detail, headers={"Retry-After": str(accepted.retry_seconds)})
        refused.beside |= {"notice": accepted.notice} if accepted.notice else {}
        raise refused
    if accepted.verdict == "closed":
        raise Refused(409, code, detail, [Flaw("", CLOSED[accepted.reason or "late"], accepted.reason or "late")])
    raise Refused(404 if accepted.verdict == "unknown" else 409, code, detail)


def code_of(accepted: PlayReceipt, game: str) -> tuple[str, str]:
    """The contract's word for why a play was not taken, and what it means."""
    if accepted.verdict in TOO_MUCH:
        code, says = TOO_MUCH[accepted.verdict]
        return code, f"{says}; try again in {accepted.retry_seconds} s"
    if accepted.verdict == "closed":
        return "game_not_open", f"the game {game} {CLOSED[accepted.reason or 'late']}"
    if accepted.verdict == "unknown":
        return "not_found", f"there is no game {game}"
    return "conflict", "this play_id was used for another player or game"
