"""Ids as apps choose them, those of players above all: what they may contain, in a body and in a URL."""

import re
from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta

from webapp.api.body_flaws import Check, InvalidValue
from webapp.http.problems import ApiProblem, unprocessable

PLAYER_ID_LENGTH_MAX = 128
DOT_SEGMENTS = frozenset({".", ".."})
PLAYER_ID_SCHEMA = {"minLength": 1, "maxLength": PLAYER_ID_LENGTH_MAX, "pattern": "^[^/\\x00-\\x1f\\x7f-\\x9f]+$"}
"""What the description says of a player's id; `check_player_id` says it in better words."""
PlayerId = Annotated[str, Meta(extra_json_schema=PLAYER_ID_SCHEMA)]
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


PLAYER_CHECKS: Mapping[str, Check] = {"player": lambda player: check_player_id(player, "player")}
"""For bodies that name a player."""


def id_checks(name: str) -> dict[str, Check]:
    """For bodies that name a player, and something else whose id has to fit into a URL, too."""
    return {**PLAYER_CHECKS, name: lambda text: check_path_id(text, name)}


def valid_player_id(player: str) -> str:
    """The id itself. Raises ApiProblem (422), with a pointer made from `path`, where it cannot be one."""
    try:
        check_player_id(player)
    except InvalidValue as invalid:
        raise unprocessable([invalid.field_error()]) from None
    return player


def unknown_player(player: str) -> ApiProblem:
    """The 404 for a player that does not exist."""
    return ApiProblem(404, "not_found", f"no such player: {player!r}")
