"""Why, or why not yet: one rule read against one player, in rows that a page can show."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.earning.rulebook import Rulebook
from webapp.projections import explanations
from webapp.store.connection import Connection
from webapp.store.portraits import Found


@dataclass(frozen=True, slots=True)
class Seen:
    """One row of the tree: what it asks, its verdict, and what was found."""

    text: str
    state: str
    said: str
    rows: tuple["Seen", ...]


@dataclass(frozen=True, slots=True)
class Awarded:
    """Once that the player got it: when, by which event, by which version."""

    at: datetime
    event: str
    version: int | None
    period: str


@dataclass(frozen=True, slots=True)
class Why:
    """Everything a page says about one rule and one player."""

    key: str
    name: str
    kind: str
    version: int
    holds: bool
    missing: str
    judged: str
    awarded: tuple[Awarded, ...]
    tree: Seen | None


def why(conn: Connection, found: Found, book: Rulebook, key: str) -> Why | None:
    """The explanation of a rule for a player; None where no such rule is live."""
    told = explanations.explanation(conn, found, book, key)
    if told is None:
        return None
    awarded = (
        Awarded(datetime.fromisoformat(each["at"]), each["event"], each["rule_version"], each["period"])
        for each in told["awarded"]
    )
    return Why(
        key=key,
        name=told["name"],
        kind=told["kind"],
        version=told["version"],
        holds=told["holds"],
        missing=told["missing"],
        judged=(told["judged_event"] or {}).get("id", ""),
        awarded=tuple(awarded),
        tree=seen(told["trace"]) if told["trace"] else None,
    )


def seen(row: dict[str, Any]) -> Seen:
    """A row of a trace, and those below it."""
    return Seen(row["text"], row["state"], _said(row), tuple(seen(each) for each in row["rows"]))


def _said(row: dict[str, Any]) -> str:
    if row["state"] == "not_needed":
        return "not needed"
    if row["need"] is not None:
        return f"{_plain(row['have'])} of {_plain(row['need'])}"
    if row["actual"] is None:
        return "not known" if row["state"] == "unknown" else {"pass": "yes", "fail": "no"}.get(row["state"], "")
    return _plain(row["actual"])


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return f"{value:,}" if isinstance(value, int) else str(value)
