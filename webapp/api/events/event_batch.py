"""A request body of one event or up to a thousand, taken apart: good events go on, bad ones are reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct

from webapp.api.body_flaws import InvalidValue
from webapp.api.events.event_body import EventBody, decode_event, event_flaws
from webapp.api.request_body import ObjectWithDuplicate, parse_json, reject_ambiguous
from webapp.http.problems import FieldError, unprocessable
from webapp.store.events.event_log import NewEvent

EVENTS_MAX = 1000

_decode_members = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_array = msgspec.json.Decoder(list[Raw]).decode
_decode_object = msgspec.json.Decoder(dict[str, Any]).decode
_NAME_END = b'":'


class EventBatchBody(Struct, forbid_unknown_fields=True):
    """Events that are accepted in this order; invalid ones are left out and reported."""

    events: Annotated[list[EventBody], Meta(min_length=1, max_length=EVENTS_MAX)]


@dataclass(frozen=True, slots=True)
class RejectedEvent:
    """An event that is rejected, and why; `id` is None where it could not be read."""

    index: int
    id: str | None
    errors: list[FieldError]


@dataclass(frozen=True, slots=True)
class ParsedRequest:
    """What a request sent: the good events, `indexes` with their positions in the request, and the rejected ones."""

    is_batch: bool
    events: list[NewEvent]
    indexes: list[int]
    rejected: list[RejectedEvent]

    def field_error(self, index: int, invalid: InvalidValue) -> FieldError:
        """The error of one event, with a pointer from the root of the body."""
        return invalid.field_error("events", index) if self.is_batch else invalid.field_error()


def parse_events(body: bytes) -> ParsedRequest:
    """Take a body apart. Raises ApiProblem for invalid JSON, and for what is neither an event nor a batch."""
    batch = _split_batch(body)
    parsed = ParsedRequest(batch is not None, [], [], [])
    for index, source in enumerate([body] if batch is None else batch):
        try:
            event = decode_event(source) if isinstance(source, bytes | Raw) else _decode_value(source)
        except InvalidValue as invalid:
            errors = [parsed.field_error(index, flaw) for flaw in event_flaws(invalid, source)]
            parsed.rejected.append(RejectedEvent(index, _event_id(source), errors))
        else:
            parsed.events.append(event)
            parsed.indexes.append(index)
    return parsed


def _split_batch(body: bytes) -> Sequence[Any] | None:
    """The events of a batch as JSON texts, or as values where the fast path failed; None for a single event."""
    try:
        members = _decode_members(body)
        if "events" not in members:
            return None
        texts = _decode_array(members["events"])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _split_batch_slowly(body)
    _check_batch(list(members), len(texts))
    # One key, `events`, stands outside the events; any further one can only be a duplicate of it.
    if body.count(_NAME_END) != 1 + sum(bytes(text).count(_NAME_END) for text in texts):
        _reject_duplicate_members(parse_json(body))
    return texts


def _split_batch_slowly(body: bytes) -> list[Any] | None:
    value = parse_json(body)
    if not isinstance(value, dict):
        raise unprocessable([FieldError("", 'expected an event object or {"events": […]}')])
    if "events" not in value:
        return None
    if not isinstance(value["events"], list):
        raise unprocessable([FieldError("/events", f"expected an array of 1 to {EVENTS_MAX} events")])
    _check_batch(list(value), len(value["events"]))
    _reject_duplicate_members(value)
    return value["events"]


def _check_batch(members: list[str], count: int) -> None:
    unknown = [
        FieldError(f"/{name}", f"unknown member {name!r}", "unknown_member") for name in members if name != "events"
    ]
    if unknown:
        raise unprocessable(unknown)
    if not 1 <= count <= EVENTS_MAX:
        detail = f"a batch contains 1 to {EVENTS_MAX} events, not {count}"
        raise unprocessable([FieldError("/events", detail, "too_large" if count else "invalid")])


def _reject_duplicate_members(batch: dict[str, Any]) -> None:
    """Look at the batch's own members only: what is inside an event is reported for that event alone."""
    if not isinstance(batch, ObjectWithDuplicate):
        return
    try:
        reject_ambiguous(batch)
    except InvalidValue as invalid:
        raise unprocessable([invalid.field_error()]) from None


def _decode_value(value: Any) -> NewEvent:
    reject_ambiguous(value)
    return decode_event(msgspec.json.encode(value))


def _event_id(source: Any) -> str | None:
    try:
        value = _decode_object(source) if isinstance(source, bytes | Raw) else source
        event_id = value.get("id")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, AttributeError):
        return None
    return event_id if isinstance(event_id, str) else None
