"""What the API answers about rules, plays, coupons and rewards, member by member; and how it says no."""

from datetime import datetime
from typing import Any, Literal, NotRequired, TypedDict


class Rule(TypedDict):
    """A rule with the document of its newest version."""

    key: str
    kind: str
    name: str
    status: str
    live_version: int | None
    latest_version: int
    updated_at: datetime
    updated_by: str | None
    document: dict[str, Any]


class Applied(TypedDict):
    """The version of each rule, and the rulebook in which they are live; `publication` where history comes first.

    `scheduled` has those that take over from a live version later, and when.
    """

    versions: dict[str, int]
    rulebook: int | None
    scheduled: NotRequired[dict[str, datetime]]
    publication: NotRequired[str]


class Publication(TypedDict):
    """How far a publication is that counts or awards history."""

    id: str
    status: str
    done: int
    total: int | None
    versions: dict[str, int] | None
    result: Any
    detail: str | None


class Token(TypedDict):
    """A token for one player and one game, and the page that it opens."""

    token: str
    url: str
    expires_in: int


class PlayProblem(TypedDict):
    """Why one play of a request was not taken."""

    index: int
    play_id: str | None
    code: str
    detail: str


class TakenPlays(TypedDict):
    """One play that was taken: `play_id`, `status`, and `result_url`, which has its outcome.

    Of `{"plays": […]}` how many were `accepted`, were the `same` as before, or were `rejected`, with their `problems`.
    `notice` is what to tell players while outcomes are late.
    """

    play_id: NotRequired[str]
    status: NotRequired[Literal["queued", "won", "lost"]]
    result_url: NotRequired[str]
    accepted: NotRequired[int]
    same: NotRequired[int]
    rejected: NotRequired[int]
    problems: NotRequired[list[PlayProblem]]
    notice: NotRequired[str]


class Prize(TypedDict):
    """The coupon of a play that won."""

    code: str
    brand: str
    expires_at: datetime | None


class Play(TypedDict):
    """A play; without an outcome it is queued and tells nothing else."""

    play_id: str
    status: Literal["queued", "won", "lost"]
    reason: Literal["won", "no_luck", "not_eligible", "limit_reached", "budget_exhausted", "expired"] | None
    coupon: Prize | None
    decided_at: datetime | None
    notice: NotRequired[str]


class Counts(TypedDict):
    """Where coupons are; the states add up to `initial`."""

    initial: int
    available: int
    reserved: int
    issued: int
    redeemed: int
    expired: int
    voided: int


class Budget(Counts):
    """The coupons of one brand in one game."""

    game: str | None
    brand: str
    brand_name: str


class Budgets(TypedDict):
    """Every budget of a campaign, and their sum."""

    campaign: str
    name: str
    data: list[Budget]
    total: Counts
    next_cursor: str | None


class UsedCoupon(TypedDict):
    """A coupon after its use."""

    code: str
    status: str
    brand: str | None
    player: str | None
    redeemed_at: datetime | None


class Reward(TypedDict):
    """Something that players may have for their coins; `redeemable` only where a player was named."""

    key: str
    name: str
    description: str
    cost: dict[str, int]
    left: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    redeemable: NotRequired[bool]
    reason: NotRequired[dict[str, Any] | None]


class Delivery(TypedDict):
    """How far the newest webhook of a redemption is; `answer` is what came of the last attempt."""

    kind: Literal["redemption.made", "redemption.refunded"]
    status: Literal["waiting", "delivered", "failed", "cancelled"]
    attempts: int
    answer: str | None
    next_at: datetime | None


class RedemptionStanding(TypedDict):
    """A reward that a player took; `status` and `closed_at` only where one asks how it stands."""

    redemption_id: str
    reward: str
    player: str | None
    cost: dict[str, int]
    balance: int | None
    coupon: dict[str, str] | None
    redeemed_at: datetime
    number: NotRequired[int]
    status: NotRequired[str]
    closed_at: NotRequired[datetime | None]
    delivery: NotRequired[Delivery]


class Wrong(TypedDict):
    """One thing that is wrong with what was sent; `pointer` is a JSON pointer into the body."""

    pointer: str
    detail: str


class Problem(TypedDict):
    """How the API says no (RFC 9457), with a code that programs can rely on."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[Wrong]
