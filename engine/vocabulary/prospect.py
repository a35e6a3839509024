"""What a player can expect of a rule next: whether the next event brings its award, and what stands against it."""

from dataclasses import dataclass
from enum import StrEnum


class Prospect(StrEnum):
    """What the next event that triggers a rule brings.

    YES: the award, whatever the event holds. DEPENDS: on what it holds. NO: nothing now. NEVER: nothing, from now on.
    """

    YES = "yes"
    DEPENDS = "depends"
    NO = "no"
    NEVER = "never"


class ObstacleReason(StrEnum):
    """What keeps a rule from awarding; those that last longest first."""

    NOT_LIVE = "not_live"
    REVOKED = "revoked"
    HELD = "held"
    COMPLETED = "completed"
    ENDED = "ended"
    NOT_STARTED = "not_started"
    RATE_LIMITED = "rate_limited"
    COOLDOWN = "cooldown"
    DAILY_CAP = "daily_cap"
    ONCE_PER = "once_per"
    GOAL = "goal"
    XP = "xp"
    NOT_IN_SEGMENT = "not_in_segment"
    NOT_REDEEMABLE = "not_redeemable"
    TOO_COSTLY = "too_costly"
    RULE_FAULT = "rule_fault"
    MISSING_FACT = "missing_fact"
    DIVISION_BY_ZERO = "division_by_zero"
    TOO_LARGE = "too_large"
    CONDITION = "condition"
    NOTHING_GRANTED = "nothing_granted"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that keeps a rule from awarding.

    It passes at the moment `until` (µs; None where time alone changes nothing), or never if `is_final`. `have` of
    `need` counts towards it. `period` is `day`, `week` or `month` where it is one of such a period, `facts` are the
    paths of the facts that it is about.
    """

    reason: ObstacleReason
    until: int | None = None
    is_final: bool = False
    have: int | None = None
    need: int | None = None
    period: str = ""
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the next event brings, judged by an event like the `example`.

    `would_award` says what that very event would bring; `obstacles` are what stands against any event, else against
    that one. `xp`, `coins` and `pool` are what the rule would give for it.
    """

    prospect: Prospect
    would_award: bool
    obstacles: tuple[Obstacle, ...] = ()
    holds: bool | None = None
    xp: int = 0
    coins: int = 0
    pool: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentStanding:
    """How a document that awards nothing by itself stands for a player: what is, and what comes next, in `text`."""

    prospect: Prospect
    text: str
    obstacles: tuple[Obstacle, ...] = ()
