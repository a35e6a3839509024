"""A body of one event or up to a thousand, taken apart: what is good goes on, what is not is named."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from webapp.api.events.event_body import new_event
from webapp.api.problems import Flaw, refuse_flawed
from webapp.api.request_body import Wrong, inspect, read
from webapp.store.events.event_log import NewEvent

EVENTS_MAX = 1000

_shallow = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_name_of = msgspec.json.Decoder(dict[str, Any]).decode
_NAME_END = b'":'


@dataclass(frozen=True, slots=True)
class Rejected:
    """An event of a batch that is refused; `id` only where it could be read."""

    index: int
    id: str | None
    flaw: Flaw


@dataclass(frozen=True, slots=True)
class Sent:
    """What a request sent: the good events with their places in it, and the others."""

    is_batch: bool
    events: list[NewEvent]
    places: list[int]
    rejected: list[Rejected]

    def flaw(self, index: int, wrong: Wrong) -> Flaw:
        """The flaw of one event, with its pointer from the root of the body."""
        return wrong.flaw("events", index) if self.is_batch else wrong.flaw()


def sent_in(body: bytes) -> Sent:
    """Take a body apart. Raises `Refused` where it is no JSON, or neither an event nor a batch."""
    texts = _texts(body)
    sent = Sent(texts is not None, [], [], [])
    for index, text in enumerate([body] if texts is None else texts):
        try:
            event = new_event(text) if isinstance(text, bytes | msgspec.Raw) else _reread(text)
        except Wrong as wrong:
            sent.rejected.append(Rejected(index, _id_in(text), sent.flaw(index, wrong)))
        else:
            sent.events.append(event)
            sent.places.append(index)
    return sent


def _texts(body: bytes) -> Sequence[Any] | None:
    """The events of a batch, as text or, where the quick reader stumbled, as values; None for one event alone."""
    try:
        members = _shallow(body)
        if "events" not in members:
            return None
        texts = _list(members["events"])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _texts_slowly(body)
    _check_batch(list(members), len(texts))
    if body.count(_NAME_END) != 1 + sum(bytes(text).count(_NAME_END) for text in texts):
        _check_doubled(read(body))
    return texts


def _texts_slowly(body: bytes) -> list[Any] | None:
    value = read(body)
    if not isinstance(value, dict):
        raise refuse_flawed([Flaw("", 'an event or {"events": […]} is an object')])
    if "events" not in value:
        return None
    if not isinstance(value["events"], list):
        raise refuse_flawed([Flaw("/events", "a list of 1 to 1000 events")])
    _check_batch(list(value), len(value["events"]))
    _check_doubled(value)
    return value["events"]


def _check_batch(members: list[str], count: int) -> None:
    unknown = [
        Flaw(f"/{name}", f"an unknown member {name!r}", "unknown_member") for name in members if name != "events"
    ]
    if unknown:
        raise refuse_flawed(unknown)
    if not 1 <= count <= EVENTS_MAX:
        raise refuse_flawed([Flaw("/events", f"a batch holds 1 to {EVENTS_MAX} events, not {count}", "too_large")])


def _check_doubled(value: dict[str, Any]) -> None:
    try:
        inspect(type(value)(dict.fromkeys(value)) if type(value) is not dict else {})
    except Wrong as wrong:
        raise refuse_flawed([wrong.flaw()]) from None


def _reread(value: Any) -> NewEvent:
    inspect(value)
    return new_event(msgspec.json.encode(value))


def _id_in(text: Any) -> str | None:
    try:
        value = _name_of(text) if isinstance(text, bytes | msgspec.Raw) else text
        found = value.get("id")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, AttributeError):
        return None
    return found if isinstance(found, str) else None
