"""How what an entry gave came about: its ledger lines with base, boosts, what was cut off, and levels."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.scoring.views.grant_records import GrantView, RecordedLine, grant_views
from webapp.store.players.player_profiles import LedgerLine
from webapp.store.rules.rulebooks import rulebook
from webapp.store.system.connection import Connection

Outcome = dict[str, Any]

LINES = """
SELECT a.seq, a.rulebook, b.created_at, l.line, l.currency, l.amount, l.balance, l.rule, l.rule_version, l.reason
FROM applied a JOIN rulebook b ON b.number = a.rulebook
LEFT JOIN ledger l ON l.shard = a.shard AND l.n = a.n
WHERE a.seq = ANY(%s::bigint[]) ORDER BY a.seq, l.line
"""
GIVING = ("xp", "coins", "grants")


def with_grants(conn: Connection, outcomes: Mapping[int, Outcome]) -> dict[int, Outcome]:
    """The outcomes by entry; those that gave or took XP or coins with all `grants`, each with how it came about."""
    giving = [seq for seq, outcome in outcomes.items() if any(name in outcome for name in GIVING)]
    if not giving:
        return dict(outcomes)
    rows = _rows_by_entry(conn.execute(LINES, (giving,), binary=True))
    completed = {
        seq: {**outcomes[seq], "grants": _grants(conn, rows[seq], outcomes[seq].get("grants", ()))}
        for seq in giving
        if seq in rows
    }
    return {**outcomes, **completed}


def grants_of_lines(conn: Connection, lines: Sequence[LedgerLine]) -> list[GrantView]:
    """How each of these lines came about."""
    outcomes = with_grants(conn, {line.seq: {"grants": [], **(line.outcome or {})} for line in lines})
    return [outcomes[line.seq]["grants"][line.line] for line in lines]


def _rows_by_entry(rows: Iterable[Sequence[Any]]) -> dict[int, list[Sequence[Any]]]:
    by_entry: dict[int, list[Sequence[Any]]] = {}
    for row in rows:
        by_entry.setdefault(row[0], []).append(row)
    return by_entry


def _grants(conn: Connection, rows: Sequence[Sequence[Any]], recorded: Sequence[Mapping[str, Any]]) -> list[GrantView]:
    number: int = rows[0][1]
    made_at: datetime = rows[0][2]
    lines = [RecordedLine(*row[3:]) for row in rows if row[3] is not None]
    return grant_views(lines, recorded, rulebook(conn, number, made_at).levels)
