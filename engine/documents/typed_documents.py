"""A checked rule document as a typed value, one class a kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from engine.documents.condition_places import trigger_events
from engine.documents.consistency import sources_of, states_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def moment(text: str | None) -> int | None:
    """An RFC 3339 moment in microseconds since 1970 UTC."""
    return None if text is None else (datetime.fromisoformat(text) - _EPOCH) // _MICROSECOND


@dataclass(frozen=True)
class Document:
    """What all kinds have in common; `raw` is the document as it was written.

    `starts_at` and `ends_at` bound the moments at which it is in force (µs, half open; None means unbounded).
    """

    kind: ClassVar[str] = ""
    raw: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The key, unique among all documents of all kinds."""
        return str(self.raw["key"])

    @property
    def name(self) -> str:
        """The name that people read."""
        return str(self.raw["name"])

    @property
    def events(self) -> tuple[str, ...]:
        """The event types it listens to, `*` for every one."""
        return trigger_events(self.raw)

    @property
    def condition(self) -> Any:
        """Its JsonLogic, None for none; of metrics and streaks the filter."""
        return self.raw.get("condition") if self.raw.get("filter") is None else self.raw["filter"]

    @property
    def grant(self) -> Mapping[str, Any]:
        """What it gives: `xp`, `coins`, `coupon_pool`."""
        return self.raw.get("grant") or {}

    @property
    def starts_at(self) -> int | None:
        """From when on it is in force."""
        return moment(self.raw.get("starts_at"))

    @property
    def ends_at(self) -> int | None:
        """Until when it is in force."""
        return moment(self.raw.get("ends_at"))


class EventType(Document):
    """What an app says about one of its event types."""

    kind = "event_type"

    @property
    def type(self) -> str:
        """The event type; the key where no other is named."""
        return str(self.raw.get("type") or self.key)


class Metric(Document):
    """A number kept of each player's events."""

    kind = "metric"

    @property
    def aggregate(self) -> str:
        """How values become one: count, sum, max, min, last, distinct."""
        return str(self.raw["aggregate"])

    @property
    def property(self) -> tuple[str, ...]:
        """The steps to the property that is read; empty for count."""
        name = self.raw.get("property")
        return tuple(name.split(".")) if name else ()


class Streak(Document):
    """Periods in a row with activity."""

    kind = "streak"

    @property
    def every(self) -> str:
        """The period: day, week or month."""
        return str(self.raw["every"])

    @property
    def freezes(self) -> Mapping[str, Any]:
        """`initial`, `max` and `earn_every`."""
        return self.raw.get("freezes") or {}


class Levels(Document):
    """How XP becomes a level."""

    kind = "levels"


class Earning(Document):
    """XP and coins for what players do."""

    kind = "earning"

    @property
    def limits(self) -> Mapping[str, Any]:
        """`once_per`, `max_xp_per_day`, `cooldown_seconds`."""
        return self.raw.get("limits") or {}


class Badge(Document):
    """A badge and what earns it."""

    kind = "badge"

    @property
    def tier(self) -> str:
        """From bronze to legendary."""
        return str(self.raw.get("tier") or "bronze")

    @property
    def repeat(self) -> str:
        """How often it may be earned: once, a period, always."""
        return str(self.raw.get("repeat") or "once")


class Mission(Document):
    """A goal to reach within a period."""

    kind = "mission"

    @property
    def target(self) -> int:
        """How many matching events complete it."""
        return int(self.raw["goal"]["target"])

    @property
    def period(self) -> str:
        """Within which it is to be completed: day, week, month, once."""
        return str(self.raw["period"])

    @property
    def timezone(self) -> str | None:
        """The zone of its periods; None is the player's."""
        zone = self.raw.get("timezone")
        return None if zone in (None, "player") else str(zone)


class Leaderboard(Document):
    """A ranking of all players by one score in one window."""

    kind = "leaderboard"

    @property
    def timezone(self) -> str:
        """The zone of its windows."""
        return str(self.raw.get("timezone") or "UTC")

    @property
    def finalise_after_hours(self) -> int:
        """How long after the end of a run entries still count."""
        hours = self.raw.get("finalise_after_hours")
        return 12 if hours is None else int(hours)


class Boost(Document):
    """A multiplier of what is earned while it is in force."""

    kind = "boost"


class Lifecycle(Document):
    """The states that a player goes through."""

    kind = "lifecycle"

    @property
    def states(self) -> list[str]:
        """The names of all states."""
        return states_of(self.raw)

    @property
    def initial(self) -> str:
        """Where every player begins; the first state unless another is named."""
        return str(self.raw.get("initial") or self.states[0])

    def sources(self, step: Mapping[str, Any]) -> list[str]:
        """The states that a transition leaves: all others where it names none."""
        return sources_of(step) or [state for state in self.states if state != step["to"]]


class Segment(Document):
    """The players for whom a condition holds."""

    kind = "segment"


class PlayerLimits(Document):
    """How many events of one player earn something."""

    kind = "player_limits"


class Brand(Document):
    """A sponsor that owns coupons."""

    kind = "brand"


class CouponPool(Document):
    """Coupons that rules grant and rewards are fulfilled with."""

    kind = "coupon_pool"


class Reward(Document):
    """What players redeem for coins."""

    kind = "reward"


class Campaign(Document):
    """Games with their budgets of coupons."""

    kind = "campaign"


_CLASSES: dict[str, type[Document]] = {each.kind: each for each in Document.__subclasses__()}


def read(raw: Mapping[str, Any]) -> Document:
    """The document of a dict that `parse_documents` has admitted, now or when it was stored."""
    return _CLASSES[raw["kind"]](raw)
