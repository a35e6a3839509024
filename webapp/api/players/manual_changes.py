"""Manual changes to a player: what a request may contain, and applying it at once as an entry."""

from datetime import date
from typing import Annotated, Any, cast
from uuid import uuid4

import msgspec
from flask import Response, jsonify
from msgspec import Meta, Struct

from webapp.api.events.responses import Outcome
from webapp.api.player_ids import unknown_player
from webapp.api.players.responses import ManualChange
from webapp.api.problems import ApiProblem
from webapp.http.access import actor, settings
from webapp.services.pipeline.apply_now import NewSystemEntry, UnknownPlayerError, apply_now, is_same
from webapp.services.pipeline.relay import try_relay
from webapp.store.people import audit
from webapp.store.system.connection import Connection, connect

Amount = Annotated[int, Meta(ge=1, le=2**53)]
ChangeId = Annotated[str, Meta(min_length=1, max_length=128)]
RuleKey = Annotated[str, Meta(min_length=1, max_length=64)]
PAUSE_DAYS_MAX = 366


class GrantBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A grant or a revocation; with an `id`, a second request with the same one is a duplicate."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    id: ChangeId | None = None
    xp: Amount | None = None
    coins: Amount | None = None
    badge: RuleKey | None = None
    period: RuleKey | None = None


class FreezeBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Freezes for a streak, in addition to those it has, up to its maximum."""

    count: Annotated[int, Meta(ge=1, le=100)]
    id: ChangeId | None = None


class PauseBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Days, both included, whose absence does not break a streak."""

    first: date = msgspec.field(name="from")
    last: date = msgspec.field(name="to")
    id: ChangeId | None = None


def apply_manual_change(player: str, kind: str, content: dict[str, Any], change_id: str | None) -> tuple[Response, int]:
    """Apply one entry now, record it in the audit log, and answer with its outcome."""
    payload = {name: value for name, value in content.items() if name != "id"} | {"by": actor()}
    own = NewSystemEntry(kind, f"{kind}:{player}:{change_id or uuid4().hex}", payload)
    with connect(settings().database_url) as conn:
        try:
            outcome = apply_now(conn, player, own)
        except UnknownPlayerError:
            raise unknown_player(player) from None
        if outcome is None:
            return _duplicate(conn, own)
        audit.note(conn, actor(), kind.removeprefix("laurel."), f"player:{player}", after=payload)
        conn.commit()
    try_relay(settings())
    return jsonify(ManualChange(player=player, status="applied", outcome=cast("Outcome", outcome.to_json()))), 201


def _duplicate(conn: Connection, own: NewSystemEntry) -> tuple[Response, int]:
    """The same id again: fine if the content is the same."""
    if not is_same(conn, own):
        raise ApiProblem(409, "conflict", "this id was already used with different content")
    return jsonify(ManualChange(status="duplicate")), 200
