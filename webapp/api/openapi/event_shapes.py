"""What the API answers about events, member by member."""

from datetime import datetime
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta, Struct

from webapp.api.events.event_body import Event


class Batch(Struct, forbid_unknown_fields=True):
    """Events that are taken in their order; those that are wrong are left out and named."""

    events: Annotated[list[Event], Meta(min_length=1, max_length=1000)]


class EventProblem(TypedDict):
    """An event of a batch that was not taken."""

    index: int
    id: str | None
    status: Literal["conflict", "rejected"]
    code: str
    pointer: str
    detail: str


class AwardedBadge(TypedDict):
    """A badge that an event brought."""

    key: str
    name: str
    tier: str | None


class NotAwarded(TypedDict):
    """A rule whose condition held and that a limit kept from giving."""

    rule: str
    version: int
    reason: str


class Outcome(TypedDict, total=False):
    """What one event changed; what it did not change may be left out."""

    xp: int
    coins: int
    badges: list[AwardedBadge]
    revoked: list[str]
    level: dict[str, Any] | None
    missions: list[dict[str, Any]]
    streaks: dict[str, Any]
    state: str
    segments: dict[str, list[str]]
    claims: list[dict[str, Any]]
    not_awarded: list[NotAwarded]
    flag: str


class NumberedOutcome(Outcome):
    """The outcome of one event of the request, or why it stands parked."""

    index: int
    id: str
    status: Literal["applied", "parked"]
    reason: NotRequired[str]
    detail: NotRequired[str | None]


class Receipt(TypedDict):
    """What became of the events of a request; `outcomes` only where they were waited for."""

    accepted: int
    duplicate: int
    conflict: int
    rejected: int
    problems: list[EventProblem]
    outcomes: NotRequired[list[NumberedOutcome]]


class EventStanding(TypedDict):
    """Where an event stands: `outcome` once it is applied, the reason where it is parked."""

    id: str
    type: str
    player: str | None
    occurred_at: datetime
    received_at: datetime
    status: Literal["pending", "applied", "parked"]
    outcome: NotRequired[Outcome]
    reason: NotRequired[str]
    detail: NotRequired[str | None]
