"""What is done to a player by hand, as it is sent, and applying it at once as an entry."""

from datetime import date
from typing import Annotated, Any
from uuid import uuid4

import msgspec
from flask import Response, jsonify
from msgspec import Meta, Struct

from webapp.api.events.event_body import DEPTH_MAX, check_player_id
from webapp.api.problems import Flaw, Refused, refuse_flawed
from webapp.api.request_body import Wrong, inspect, raw_body, read, settled
from webapp.api.type_errors import misfit
from webapp.http.access import actor, settings
from webapp.services.pipeline.apply_now import NewSystemEntry, UnknownPlayerError, apply_now, is_same
from webapp.services.pipeline.relay import try_relay
from webapp.store.people import audit
from webapp.store.system.connection import Connection, connect

Amount = Annotated[int, Meta(ge=1, le=2**53)]
Identity = Annotated[str, Meta(min_length=1, max_length=128)]
Name = Annotated[str, Meta(min_length=1, max_length=64)]
PAUSE_DAYS_MAX = 366


class Gift(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A grant or a revocation; `id`, where given, makes a second request the same one."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    id: Identity | None = None
    xp: Amount | None = None
    coins: Amount | None = None
    badge: Name | None = None
    period: Name | None = None


class Freezes(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Freezes for a streak, on top of those that stand, up to its maximum."""

    count: Annotated[int, Meta(ge=1, le=100)]
    id: Identity | None = None


class Pause(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Days, both included, whose absence does not break a streak."""

    first: date = msgspec.field(name="from")
    last: date = msgspec.field(name="to")
    id: Identity | None = None


def body(shape: type[Any]) -> Any:
    """The body of this request in its shape; refused with a pointer where it is not."""
    try:
        value = read(raw_body())
        inspect(value)
        settled(value, DEPTH_MAX + 2)
    except Wrong as wrong:
        raise refuse_flawed([wrong.flaw()]) from None
    return checked(value, shape)


def checked(value: Any, shape: type[Any]) -> Any:
    """A value of this request's body in its shape; refused with a pointer where it is not."""
    try:
        return shaped(value, shape)
    except Wrong as wrong:
        raise refuse_flawed([wrong.flaw()]) from None


def shaped(value: Any, shape: type[Any]) -> Any:
    """A value in its shape. Raises `Wrong`."""
    try:
        return msgspec.convert(value, type=shape)
    except msgspec.ValidationError as error:
        raise misfit(error) from None


def checked_player(player: str) -> str:
    """The player's id of this address; refused where it can be nobody's."""
    try:
        check_player_id(player)
    except Wrong as wrong:
        raise refuse_flawed([Flaw("", wrong.detail)]) from None
    return player


def unknown(player: str) -> Refused:
    """There is nobody of that id."""
    return Refused(404, "not_found", f"there is no player {player!r}")


def apply_by_hand(player: str, kind: str, content: dict[str, Any], own_id: str | None) -> tuple[Response, int]:
    """Apply one entry now, note it in the audit log, and answer with what it came to."""
    payload = {name: value for name, value in content.items() if name != "id"} | {"by": actor()}
    own = NewSystemEntry(kind, f"{kind}:{player}:{own_id or uuid4().hex}", payload)
    with connect(settings().database_url) as conn:
        try:
            outcome = apply_now(conn, player, own)
        except UnknownPlayerError:
            raise unknown(player) from None
        if outcome is None:
            return _second(conn, own)
        audit.note(conn, actor(), kind.removeprefix("laurel."), f"player:{player}", after=payload)
        conn.commit()
    try_relay(settings())
    return jsonify({"player": player, "status": "applied", "outcome": outcome.to_json()}), 201


def _second(conn: Connection, own: NewSystemEntry) -> tuple[Response, int]:
    """The same id again: fine where it says the same."""
    if not is_same(conn, own):
        raise Refused(409, "conflict", "this id was used before, with other content")
    return jsonify({"status": "duplicate"}), 200
