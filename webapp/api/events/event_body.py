"""Events as apps send them: decoded fast, rejected with a pointer, brought into the one form that the log stores."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from engine.scoring.state.player_state import ATTRIBUTES_BYTES_MAX
from webapp.api.body_flaws import Check, InvalidValue, all_flaws
from webapp.api.player_ids import check_path_id, check_player_id
from webapp.api.request_body import DEPTH_MAX, decode, normalize, parse_json, reject_ambiguous, reject_duplicate_keys
from webapp.http.problems import ApiProblem
from webapp.runtime.zones import ZONES
from webapp.store.events.event_log import NewEvent

EVENT_ID_LENGTH_MAX = 128
PROPERTIES_BYTES_MAX = 16 * 1024

_TYPE = re.compile(r"[a-z][a-z0-9_.]{0,63}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class ProfileBody(Struct, forbid_unknown_fields=True):
    """The profile of a player: time zone and attributes."""

    timezone: str | UnsetType = UNSET
    attributes: dict[str, Any] | UnsetType = UNSET


class PlayerBody(ProfileBody, forbid_unknown_fields=True, kw_only=True):
    """A player with a profile, which creates or updates the player."""

    id: str


class EventBody(Struct, forbid_unknown_fields=True):
    """An event; the limits of `id` and `type` are checked by hand below, for the sake of better messages."""

    id: Annotated[str, Meta(extra_json_schema={"minLength": 1, "maxLength": EVENT_ID_LENGTH_MAX})]
    type: Annotated[str, Meta(extra_json_schema={"pattern": "^(?!laurel\\.)[a-z][a-z0-9_.]{0,63}$"})]
    player: str | PlayerBody
    occurred_at: Annotated[datetime, Meta(tz=True)] | UnsetType = UNSET
    properties: dict[str, Any] | UnsetType = UNSET


_event_decoder = msgspec.json.Decoder(EventBody)
_encode = msgspec.json.Encoder(order="deterministic").encode


def decode_event(text: bytes | Raw) -> NewEvent:
    """Decode one event. Raises InvalidValue for the first thing that is wrong; ApiProblem (400) for invalid JSON."""
    text = bytes(text)
    event, key_count = _checked_event(decode(text, _event_decoder))
    reject_duplicate_keys(text, key_count)
    return event


def event_flaws(first: InvalidValue, source: Any) -> list[InvalidValue]:
    """All flaws of an event, as JSON text or as a value, of which the first was met in decoding it.

    What cannot be told for certain from the text (a key twice, half a character) is the only flaw that is named.
    """
    try:
        value = parse_json(bytes(source)) if isinstance(source, bytes | Raw) else source
        reject_ambiguous(value)
    except (ApiProblem, InvalidValue):
        return [first]
    return all_flaws(first, value, EventBody, _CHECKS)


def _checked_event(event: EventBody) -> tuple[NewEvent, int]:
    _check_id(event.id)
    _check_type(event.type)
    player, profile, player_keys = _checked_player(event.player)
    key_count = 3 + player_keys  # id, type and player
    occurred_at, payload = None, b"{}"
    if event.occurred_at is not UNSET:
        occurred_at = _checked_micros(event.occurred_at)
        key_count += 1
    if event.properties is not UNSET:
        payload, property_keys = _encode_object("properties", event.properties, PROPERTIES_BYTES_MAX)
        key_count += 1 + property_keys
    return NewEvent(event.id, event.type, player, occurred_at, payload, profile), key_count


def _check_id(event_id: str) -> None:
    if not 1 <= len(event_id) <= EVENT_ID_LENGTH_MAX:
        raise InvalidValue(f"an event id has 1 to {EVENT_ID_LENGTH_MAX} characters", path=("id",))
    check_path_id(event_id, "id")
    if "\0" in event_id:
        raise InvalidValue("NUL characters are not allowed", path=("id",))


@lru_cache(maxsize=1024)
def _check_type(event_type: str) -> None:
    if not _TYPE.fullmatch(event_type):
        detail = "a type is a lower-case letter followed by up to 63 lower-case letters, digits, underscores or dots"
        raise InvalidValue(detail, path=("type",))
    if event_type.startswith("laurel."):
        raise InvalidValue("types that begin with laurel. are reserved", path=("type",))


def _checked_player(player: str | PlayerBody) -> tuple[str, bytes | None, int]:
    """The id, the profile as the log stores it, and how many keys the player contains."""
    if isinstance(player, str):
        check_player_id(player, "player")
        return player, None, 0
    check_player_id(player.id, "player", "id")
    try:
        profile, key_count = encode_profile(player)
    except InvalidValue as invalid:
        raise invalid.inside("player") from None
    return player.id, profile, key_count + 1


def encode_profile(body: ProfileBody) -> tuple[bytes | None, int]:
    """The profile as the log stores it, None where it is empty; and how many keys it contains. Raises InvalidValue."""
    profile: dict[str, Any] = {}
    key_count = 0
    if body.timezone is not UNSET:
        if body.timezone not in ZONES:
            detail = "unknown time zone; use an IANA name such as Europe/London"
            raise InvalidValue(detail, path=("timezone",))
        profile["timezone"] = body.timezone
        key_count += 1
    if body.attributes is not UNSET:
        _, attribute_keys = _encode_object("attributes", body.attributes, ATTRIBUTES_BYTES_MAX)
        if body.attributes:
            profile["attributes"] = body.attributes
        key_count += 1 + attribute_keys
    return (_encode(profile) if profile else None), key_count


def _encode_object(member: str, value: dict[str, Any], bytes_max: int) -> tuple[bytes, int]:
    try:
        _, key_count = normalize(value, DEPTH_MAX)
    except InvalidValue as invalid:
        raise invalid.inside(member) from None
    encoded = _encode(value)
    if len(encoded) > bytes_max:
        raise InvalidValue(f"longer than {bytes_max} bytes", "too_large", (member,))
    return encoded, key_count


def _checked_micros(moment: datetime) -> int:
    micros = (moment - _EPOCH) // _MICROSECOND
    if micros < 0:
        raise InvalidValue("before 1970", path=("occurred_at",))
    return micros


_CHECKS: Mapping[str, Check] = {
    "id": _check_id,
    "type": _check_type,
    "player": _checked_player,
    "occurred_at": _checked_micros,
    "properties": lambda properties: _encode_object("properties", properties, PROPERTIES_BYTES_MAX),
}
