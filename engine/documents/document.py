"""A checked rule document as a typed value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from engine.documents.condition_places import trigger_events
from engine.vocabulary.moment import micros_of

Raw: TypeAlias = Mapping[str, Any]
"""A rule document as the dict that its JSON is."""


@dataclass(frozen=True)
class Document:
    """A document that `parse_documents` has admitted, now or when it was stored; `raw` is what its author wrote.

    It is in force from `starts_at` until `ends_at` (µs, half open; None means unbounded).
    """

    raw: Raw

    @property
    def kind(self) -> str:
        """The key of its kind."""
        return str(self.raw["kind"])

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
    def starts_at(self) -> int | None:
        """The moment from which it is in force."""
        return micros_of(self.raw.get("starts_at"))

    @property
    def ends_at(self) -> int | None:
        """The moment until which it is in force."""
        return micros_of(self.raw.get("ends_at"))
