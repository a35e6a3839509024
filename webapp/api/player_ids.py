"""Ids as apps choose them, those of players above all: what they may contain, in a body and in a URL."""

import re

from webapp.api.body_flaws import InvalidValue
from webapp.http.problems import ApiProblem, unprocessable

PLAYER_ID_LENGTH_MAX = 128
DOT_SEGMENTS = frozenset({".", ".."})
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def check_path_id(text: str, *path: str) -> None:
    """Raise InvalidValue at `path` for an id that could not stand in a URL: clients remove `.` and `..` from paths."""
    if text in DOT_SEGMENTS:
        raise InvalidValue(f"must not be {text}, which clients remove from URLs", path=path)


def check_player_id(player: str, *path: str) -> None:
    """Raise InvalidValue at `path` unless this may be the id of a player."""
    if not 1 <= len(player) <= PLAYER_ID_LENGTH_MAX:
        raise InvalidValue(f"a player id has 1 to {PLAYER_ID_LENGTH_MAX} characters", path=path)
    check_path_id(player, *path)
    if "/" in player:
        raise InvalidValue("a player id must not contain /", path=path)
    if _CONTROL.search(player):
        raise InvalidValue("a player id must not contain control characters", path=path)


def valid_player_id(player: str, *path: str) -> str:
    """The id itself. Raises ApiProblem (422), with a pointer made from `path`, where it cannot be one."""
    try:
        check_player_id(player, *path)
    except InvalidValue as invalid:
        raise unprocessable([invalid.field_error()]) from None
    return player


def valid_path_id(text: str, *path: str) -> str:
    """The id of anything else. Raises ApiProblem (422) where it could not stand in a URL."""
    try:
        check_path_id(text, *path)
    except InvalidValue as invalid:
        raise unprocessable([invalid.field_error()]) from None
    return text


def unknown_player(player: str) -> ApiProblem:
    """The 404 for a player that does not exist."""
    return ApiProblem(404, "not_found", f"no such player: {player!r}")
