"""Manual changes to a player: what a request may contain, and applying it at once as an entry."""

from datetime import date
from typing import Annotated, Any, cast

import msgspec
from flask import Response, jsonify
from msgspec import Meta, Struct

from webapp.api.events.responses import OutcomeView
from webapp.api.player_ids import unknown_player
from webapp.api.players.responses import ManualChange
from webapp.http.access import actor, settings
from webapp.http.problems import ApiProblem, FieldError, unprocessable
from webapp.services.pipeline.apply_now import UnknownPlayerError
from webapp.services.players.change_player import ChangeIdConflict, ChangeRefused, apply_manual_change
from webapp.services.players.taking_back import BadgeNotHeld, BadgePeriodMissing, UnknownBadge

Amount = Annotated[int, Meta(ge=1, le=2**53)]
ChangeId = Annotated[str, Meta(min_length=1, max_length=128)]
RuleKey = Annotated[str, Meta(min_length=1, max_length=64)]
BadgePeriod = Annotated[str, Meta(min_length=1, max_length=200)]
Reason = Annotated[str, Meta(min_length=1, max_length=500)]
PAUSE_DAYS_MAX = 366


class GrantBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A grant; with an `id`, a second request with the same one is a duplicate.

    A badge that repeats is granted for `period`, such as `2026-11-20`, or else for the present one.
    """

    reason: Reason
    id: ChangeId | None = None
    xp: Amount | None = None
    coins: Amount | None = None
    badge: RuleKey | None = None
    period: BadgePeriod | None = None


class RevocationBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A revocation; with an `id`, a second request with the same one is a duplicate.

    `period` says which award of a badge that repeats is meant, as the player's badges list it. The XP and coins that
    came with the badge go, too, unless `keep_grant` is true.
    """

    reason: Reason
    id: ChangeId | None = None
    xp: Amount | None = None
    coins: Amount | None = None
    badge: RuleKey | None = None
    period: BadgePeriod | None = None
    keep_grant: bool = False


class FreezeBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Freezes for a streak, in addition to those it has, up to its maximum."""

    count: Annotated[int, Meta(ge=1, le=100)]
    reason: Reason | None = None
    id: ChangeId | None = None


class PauseBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Days, both included, whose absence does not break a streak."""

    first: date = msgspec.field(name="from")
    last: date = msgspec.field(name="to")
    reason: Reason | None = None
    id: ChangeId | None = None


class RestorationBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Restoring a broken streak; nothing has to be said."""

    reason: Reason | None = None
    id: ChangeId | None = None


def answer_manual_change(
    player: str, kind: str, content: dict[str, Any], change_id: str | None
) -> tuple[Response, int]:
    """Apply a change at once and answer with its outcome: 201, or 200 for a duplicate."""
    payload = {name: value for name, value in content.items() if name != "id"} | {"by": actor()}
    try:
        outcome = apply_manual_change(settings(), player, kind, payload, change_id)
    except UnknownPlayerError:
        raise unknown_player(player) from None
    except ChangeIdConflict:
        raise ApiProblem(409, "conflict", "this id was already used with different content") from None
    except UnknownBadge as error:
        raise unprocessable([FieldError("/badge", f"no such badge: {error!s}")]) from None
    except BadgePeriodMissing as error:
        raise unprocessable([FieldError("/period", str(error))]) from None
    except BadgeNotHeld as error:
        raise ApiProblem(409, "not_held", str(error)) from None
    except ChangeRefused as error:
        raise ApiProblem(409, error.code, str(error)) from None
    if outcome is None:
        return jsonify(ManualChange(status="duplicate")), 200
    return jsonify(ManualChange(player=player, status="applied", outcome=cast("OutcomeView", outcome.to_json()))), 201
