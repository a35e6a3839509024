"""An entry: anything in the log that changes a player."""

from dataclasses import dataclass
from typing import Any

SYSTEM_TYPE_PREFIX = "laurel."
PROFILE = "laurel.profile"
ERASURE = "laurel.erasure"
GRANT = "laurel.grant"
REVOCATION = "laurel.revocation"
TICK = "laurel.tick"
SEEDED = "laurel.seeded"
HISTORY_AWARD = "laurel.history_award"
STREAK_FREEZE = "laurel.streak_freeze"
STREAK_PAUSE = "laurel.streak_pause"
STREAK_RESTORATION = "laurel.streak_restoration"
REDEMPTION = "laurel.redemption"
REFUND = "laurel.refund"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the log, as the fold reads it.

    `seq` numbers the log, `n` the order of application within the player's shard (0 if it is unknown, as in a dry
    run). Moments are microseconds since 1970 UTC. `properties` are an event's own, or the content of a system entry
    (type `laurel.*`). `timezone` and `attributes` change the player before anything is judged.
    """

    seq: int
    n: int
    player: int
    type: str
    event_id: str
    app: str
    occurred_at: int
    received_at: int
    properties: dict[str, Any]
    timezone: str | None = None
    attributes: dict[str, Any] | None = None

    @property
    def is_event(self) -> bool:
        """Whether an app sent it; system entries are not judged by rules."""
        return not self.type.startswith(SYSTEM_TYPE_PREFIX)
