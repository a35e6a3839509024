"""What the API answers about events."""

from datetime import datetime
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import UNSET, Struct, UnsetType

from engine.scoring.views.grant_records import GrantView
from webapp.api.json_provider import one_of
from webapp.http.problems import ProblemError


class EventProblem(Struct, kw_only=True):
    """An event of a request that was not accepted; `errors` has everything that is wrong with it, the first on top."""

    index: int
    id: str | None
    status: Literal["conflict", "rejected"]
    code: str
    pointer: str
    detail: str
    errors: list[ProblemError]


class AwardedBadge(TypedDict):
    """A badge that an event earned; `period` only where it repeats."""

    key: str
    name: str
    tier: str | None
    period: NotRequired[str]


class NotAwarded(TypedDict):
    """A rule whose condition held but that something kept from awarding anything; `fact` is the one it misses."""

    rule: str
    version: int
    reason: str
    fact: NotRequired[str]


class OutcomeView(TypedDict, total=False):
    """What one event changed; what it did not change may be left out."""

    xp: int
    coins: int
    grants: list[GrantView]
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


class NumberedOutcomeView(OutcomeView):
    """The outcome of one event of the request, or why it is parked."""

    index: int
    id: str
    status: Literal["applied", "parked"]
    reason: NotRequired[str]
    detail: NotRequired[str | None]


UNCHANGED: OutcomeView = {
    "xp": 0,
    "coins": 0,
    "badges": [],
    "level": None,
    "missions": [],
    "streaks": {},
    "not_awarded": [],
}
"""What an outcome says of the main parts that an event did not change."""


class Receipt(Struct, kw_only=True):
    """What became of the events of a request; `outcomes` only where the client waited for them."""

    accepted: int
    duplicate: int
    conflict: int
    rejected: int
    problems: list[EventProblem]
    outcomes: list[NumberedOutcomeView] | UnsetType = UNSET


class EventStatus(Struct, kw_only=True):
    """The status of an event: with its `outcome` once it is applied, with the reason while it is parked."""

    id: str
    type: str
    player: str | None
    occurred_at: datetime
    received_at: datetime
    status: Annotated[str, one_of("pending", "applied", "parked")]
    outcome: OutcomeView | UnsetType = UNSET
    reason: str | UnsetType = UNSET
    detail: str | UnsetType | None = UNSET
