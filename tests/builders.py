"""A small vivid world to test in: player Ada in London, lessons and assessments, the campaign Friday Weekend."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.language.compile import CompiledLogic
from engine.rules.build_rulebook import build_rulebook
from engine.rules.parse_documents import parse_documents
from engine.scoring.fold import fold
from engine.scoring.rulebook.preload import preload_for
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion
from engine.scoring.state.memory import Memory, Player, belongs_to_key
from engine.scoring.state.player_state import decode, encode
from engine.vocabulary.entry import Entry
from engine.vocabulary.outcome import Outcome

ADA = 1
SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
ENTRY_FIELDS = {field.name for field in fields(Entry)}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = {
    name: ZoneInfo(name)
    for name in (
        "UTC",
        "Europe/London",
        "America/New_York",
        "America/Sao_Paulo",
        "Asia/Tokyo",
        "Asia/Kolkata",
        "Pacific/Apia",
        "Australia/Lord_Howe",
        "Pacific/Auckland",
    )
}
FRIDAY_WEEKEND: dict[str, Any] = {
    "kind": "campaign",
    "key": "friday_weekend",
    "name": "Friday Weekend",
    "starts_at": "2026-12-04T18:00:00Z",
    "ends_at": "2026-12-06T22:00:00Z",
    "timezone": "Europe/London",
    "condition": None,
    "games": [],
}
CONTRACT = json.loads((Path(__file__).parent / "engine/language/contract_documents.json").read_text())


def moment(text: str) -> int:
    """`2026-11-20` (noon UTC) or an RFC 3339 moment, in microseconds."""
    at = datetime.fromisoformat(text if "T" in text else f"{text}T12:00:00+00:00")
    return (at - EPOCH) // timedelta(microseconds=1)


def make_entry(type: str = "lesson_completed", at: str | int = "2026-11-20", /, **changes: Any) -> Entry:  # noqa: A002
    """An event of Ada's; what is not a field of an entry becomes a property. It is received when it occurs."""
    occurred_at = moment(at) if isinstance(at, str) else at
    seq = changes.pop("seq", 1)
    members = {name: changes.pop(name) for name in list(changes) if name in ENTRY_FIELDS and name != "properties"}
    properties = {**changes.pop("properties", {}), **changes}
    known: dict[str, Any] = {
        "seq": seq,
        "n": seq,
        "player": ADA,
        "type": type,
        "event_id": f"ev-{seq}",
        "app": "default",
        "occurred_at": occurred_at,
        "received_at": occurred_at,
        "properties": properties,
    }
    return Entry(**{**known, **members})


def make_book(documents: Sequence[Mapping[str, Any]], number: int = 1, *, version: int = 1) -> Rulebook:
    """A rulebook of checked documents, each in the same version."""
    checked = parse_documents([dict(document) for document in documents], zones=ZONES)
    refused = [parsed for parsed in checked if not hasattr(parsed, "raw")]
    assert not refused, refused
    versions = [
        RuleVersion(index, document["key"], version, dict(document))
        for index, document in enumerate(documents, start=1)
    ]
    return build_rulebook(number, versions, ZONES)


@contextmanager
def breaking(logic: CompiledLogic, message: str = "") -> Iterator[None]:
    """Meanwhile this compiled logic, and whatever else has the same, fails when it is evaluated."""

    def fail(_: Any) -> Any:
        raise ZeroDivisionError(message)

    rule = logic.rule
    object.__setattr__(logic, "rule", fail)
    try:
        yield
    finally:
        object.__setattr__(logic, "rule", rule)


def ada() -> Player:
    """Ada, before anything happened."""
    return Player(ADA)


def apply(player: Player, entries: Sequence[Entry], book: Rulebook) -> list[Outcome]:
    """Fold entries in a row."""
    return [fold(player, entry, book) for entry in entries]


class Shell:
    """A stand-in for the tables: stores encoded states and memories, loads only what `needs` asks for."""

    def __init__(self) -> None:
        self.state: bytes | None = None
        self.keys: set[tuple[str, bytes]] = set()
        self.past: dict[tuple[str, int], Any] = {}

    def batch(self, entries: Sequence[Entry], book: Rulebook) -> list[Outcome]:
        """Fold one batch as a drain does: load, fold, store."""
        player = Player(ADA, decode(self.state))
        player.memory = self.load(preload_for(player.state, entries, book))
        outcomes = apply(player, entries, book)
        self.state = encode(player.state)
        self.keys = {member for member in self.keys if not _is_forgotten(member[0], player.memory)}
        self.past = {place: value for place, value in self.past.items() if not _is_forgotten(place[0], player.memory)}
        self.keys.difference_update(player.memory.removed_keys)
        self.keys.update(player.memory.added_keys)
        self.past.update(player.memory.changed_past)
        return outcomes

    def whole(self) -> Player:
        """The player with all that is stored."""
        return Player(ADA, decode(self.state), Memory(set(self.keys), dict(self.past)))

    def load(self, preload: Any) -> Memory:
        """The memory that holds what is wanted, and nothing else."""
        keys = {key for key in self.keys if key in preload.keys or key[0] in preload.sets}
        past = {
            place: value
            for place, value in self.past.items()
            if any(series == place[0] and first <= place[1] <= last for series, first, last in preload.past)
        }
        return Memory(keys, past)


def _is_forgotten(name: str, memory: Memory) -> bool:
    return any(belongs_to_key(name, key) for key in memory.forgotten)
