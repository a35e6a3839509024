"""Events as apps send them: read quickly, refused with a pointer, brought into the one form that the log keeps."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from engine.scoring.state.player_state import ATTRIBUTES_BYTES_MAX
from webapp.api.request_body import Wrong, inspect, read, settled
from webapp.api.type_errors import misfit
from webapp.runtime.zones import ZONES
from webapp.store.events.event_log import NewEvent

ID_LENGTH_MAX = PLAYER_LENGTH_MAX = 128
PROPERTIES_BYTES_MAX = 16 * 1024
DEPTH_MAX = 8

_TYPE = re.compile(r"[a-z][a-z0-9_.]{0,63}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Profile(Struct, forbid_unknown_fields=True):
    """What is known of a player beside their id."""

    timezone: str | UnsetType = UNSET
    attributes: dict[str, Any] | UnsetType = UNSET


class Player(Profile, forbid_unknown_fields=True, kw_only=True):
    """A player with what the app knows of them."""

    id: str


class Event(Struct, forbid_unknown_fields=True):
    """An event as it is sent; what its description says of texts is asked for by name below."""

    id: Annotated[str, Meta(extra_json_schema={"minLength": 1, "maxLength": ID_LENGTH_MAX})]
    type: Annotated[str, Meta(extra_json_schema={"pattern": "^(?!laurel\\.)[a-z][a-z0-9_.]{0,63}$"})]
    player: str | Player
    occurred_at: Annotated[datetime, Meta(tz=True)] | UnsetType = UNSET
    properties: dict[str, Any] | UnsetType = UNSET


_decode = msgspec.json.Decoder(Event).decode
_encode = msgspec.json.Encoder(order="deterministic").encode
_NAME_END = b'":'
_SPACED_NAME_END = re.compile(rb'"\s+:')


def new_event(text: bytes | Raw) -> NewEvent:
    """Read one event. Raises `Wrong` with the first thing that is wrong with it.

    Names that stand twice are found without a second reading: as long as no blank stands before a colon, the text
    holds at least as many `":` as names, and if there are no more than names were understood, none stood twice.
    """
    text = bytes(text)
    try:
        event = _decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        inspect(read(text))
        raise misfit(error) from None
    new, names = _checked(event)
    if text.count(_NAME_END) != names or _SPACED_NAME_END.search(text):
        inspect(read(text))
    return new


def _checked(event: Event) -> tuple[NewEvent, int]:
    _check_id(event.id)
    _check_type(event.type)
    player, profile, names = _player(event.player)
    occurred_at, payload = None, b"{}"
    if event.occurred_at is not UNSET:
        occurred_at = _micros(event.occurred_at)
        names += 1
    if event.properties is not UNSET:
        payload, more = _object("properties", event.properties, PROPERTIES_BYTES_MAX)
        names += more + 1
    return NewEvent(event.id, event.type, player, occurred_at, payload, profile), names + 3


def _check_id(event_id: str) -> None:
    if not 1 <= len(event_id) <= ID_LENGTH_MAX:
        raise Wrong(f"an id has 1 to {ID_LENGTH_MAX} characters").inside("id")
    if "\0" in event_id:
        raise Wrong("the character NUL is refused").inside("id")


@lru_cache(maxsize=1024)
def _check_type(event_type: str) -> None:
    if not _TYPE.fullmatch(event_type):
        raise Wrong("a type is a small letter, then up to 63 small letters, digits, _ or .").inside("type")
    if event_type.startswith("laurel."):
        raise Wrong("types that begin with laurel. are our own").inside("type")


def _player(given: str | Player) -> tuple[str, bytes | None, int]:
    if isinstance(given, str):
        check_player_id(given, "player")
        return given, None, 0
    check_player_id(given.id, "player", "id")
    try:
        profile, names = checked_profile(given)
    except Wrong as wrong:
        raise wrong.inside("player") from None
    return given.id, profile, names + 1


def check_player_id(player: str, *path: str) -> None:
    """Raise `Wrong` unless this may be a player's id."""
    detail = None
    if not 1 <= len(player) <= PLAYER_LENGTH_MAX:
        detail = f"a player's id has 1 to {PLAYER_LENGTH_MAX} characters"
    elif "/" in player:
        detail = "a player's id holds no /"
    elif _CONTROL.search(player):
        detail = "a player's id holds no control characters"
    if detail:
        wrong = Wrong(detail)
        wrong.path = list(path)
        raise wrong


def checked_profile(given: Profile) -> tuple[bytes | None, int]:
    """The profile as the log keeps it, None where it says nothing; and how many names it holds. Raises `Wrong`."""
    kept: dict[str, Any] = {}
    names = 0
    if given.timezone is not UNSET:
        if given.timezone not in ZONES:
            raise Wrong("an unknown time zone; IANA names such as Europe/London are known").inside("timezone")
        kept["timezone"] = given.timezone
        names += 1
    if given.attributes is not UNSET:
        _, more = _object("attributes", given.attributes, ATTRIBUTES_BYTES_MAX)
        kept |= {"attributes": given.attributes} if given.attributes else {}
        names += more + 1
    return (_encode(kept) if kept else None), names


def _object(member: str, value: dict[str, Any], bytes_max: int) -> tuple[bytes, int]:
    try:
        _, names = settled(value, DEPTH_MAX)
    except Wrong as wrong:
        raise wrong.inside(member) from None
    encoded = _encode(value)
    if len(encoded) > bytes_max:
        raise Wrong(f"longer than {bytes_max} bytes", "too_large").inside(member)
    return encoded, names


def _micros(moment: datetime) -> int:
    micros = (moment - _EPOCH) // _MICROSECOND
    if micros < 0:
        raise Wrong("before 1970").inside("occurred_at")
    return micros
