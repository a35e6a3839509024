"""What the page of a game shows to its player."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ShownPrize:
    """What the player won; `note` says that it cannot be used any more, and is empty while it can."""

    code: str
    brand: str
    expires_at: datetime | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """What the page shows: ready, playing, queued, degraded (queued for long), won, lost, busy or over, and `why`.

    Over is what cannot be played now: the game, or its coupons, or this player's turns.

    `seconds` until the reel ends, `retry_seconds` until another try; `stream` tells of the outcome.
    """

    name: str
    why: str = ""
    seconds: int = 0
    stream: str = ""
    retry_seconds: int = 0
    prize: ShownPrize | None = None


@dataclass(frozen=True, slots=True)
class NextGame:
    """The campaign's next game and when it is open."""

    name: str
    term: str


@dataclass(frozen=True, slots=True)
class ShownDraws:
    """How draws can be verified: the seed's hash, the seed itself once it is public, and the name of the shown play."""

    seed_hash: str | None
    seed: str | None
    play: str


@dataclass(frozen=True, slots=True)
class PlayPage:
    """The page of one game and player. `play` is the id of the play that is shown, or that a press will start.

    `may_play` is whether one more play could win now; if not, `again` says from when on it could, empty for never.
    `coupons` are what the player has won in the game, but for the one that the stage shows.
    """

    game: dict[str, Any]
    player: str
    token: str
    play: str
    stage: Stage
    answers: dict[str, str]
    left: int
    term: str
    next_game: NextGame | None
    may_play: bool
    again: str
    coupons: list[ShownPrize]
    rules: list[str]
    draws: ShownDraws
    reel_seconds: int
