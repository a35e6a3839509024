"""What the API answers about games and plays."""

from typing import Annotated, Literal, NotRequired, TypedDict

from msgspec import UNSET, Struct, UnsetType

from webapp.api.json_provider import one_of

PlayStatus = Annotated[str, one_of("queued", "won", "lost")]


class GameToken(Struct, kw_only=True):
    """A token for one player and one game, and the page that it opens."""

    token: str
    url: str
    expires_in: int


class PlayProblem(Struct, kw_only=True):
    """Why one play of a request was not accepted."""

    index: int
    play_id: str | None
    code: str
    detail: str


class PlayReceipts(Struct, kw_only=True):
    """For one play: `play_id`, `status`, and `result_url`, where its outcome can be read.

    For `{"plays": […]}`: how many were `accepted`, were the `same` as before, or were `rejected`, with their
    `problems`. `notice` is what to show players while outcomes are delayed.
    """

    play_id: str | UnsetType = UNSET
    status: PlayStatus | UnsetType = UNSET
    result_url: str | UnsetType = UNSET
    accepted: int | UnsetType = UNSET
    same: int | UnsetType = UNSET
    rejected: int | UnsetType = UNSET
    problems: list[PlayProblem] | UnsetType = UNSET
    notice: str | UnsetType = UNSET


class WonCouponView(TypedDict):
    """The coupon of a play that won."""

    code: str
    brand: str
    expires_at: str | None


class PlayView(TypedDict):
    """A play; until it is decided it is queued, and everything else is null."""

    play_id: str
    status: PlayStatus
    reason: Literal["won", "no_luck", "not_eligible", "limit_reached", "budget_exhausted", "expired"] | None
    coupon: WonCouponView | None
    decided_at: str | None
    notice: NotRequired[str]
