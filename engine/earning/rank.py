"""Ranking: what an entry adds to the runs of leaderboards. Ties and closing times are told in BOARDS.md."""

from dataclasses import dataclass
from typing import Any

from engine.earning import metrics
from engine.earning.calendar import SECOND, first_day, local, ordinal, period_id, period_of_id, starts_at
from engine.earning.rulebook import Rulebook
from engine.earning.ruled import Board
from engine.earning.scene import Scene
from engine.earning.state import RUNS_KEPT
from engine.vocabulary.outcome import BoardChange, Currency

HOUR = 3600 * SECOND


@dataclass(frozen=True, slots=True)
class Run:
    """One window of a leaderboard: half open, moments in microseconds, None where it has no bound."""

    id: str
    ordinal: int
    starts_at: int | None
    ends_at: int | None

    def takes(self, received_at: int, late_hours: int) -> bool:
        """Whether an entry received at this moment still counts in it."""
        return self.ends_at is None or received_at < self.ends_at + late_hours * HOUR


def run_at(book: Rulebook, board: Board, moment: int) -> Run:
    """The run of a board that a moment lies in."""
    return run_of(book, board, ordinal(local(moment, book.zone(board.zone)).day, board.window))


def run_of(book: Rulebook, board: Board, period: int) -> Run:
    """The run of a board with this ordinal."""
    if board.window == "all_time":
        return Run("all", 0, None, None)
    zone = book.zone(board.zone)
    first, after = first_day(period, board.window), first_day(period + 1, board.window)
    return Run(period_id(period, board.window), period, starts_at(first, zone), starts_at(after, zone))


def run_named(book: Rulebook, board: Board, name: str, now: int) -> Run | None:
    """The run that `current`, `previous` or an id names; None for what is no run of this board."""
    present = run_at(book, board, now)
    if name == "current":
        return present
    if name == "previous":
        return None if board.window == "all_time" else run_of(book, board, present.ordinal - 1)
    if board.window == "all_time":
        return present if name == "all" else None
    period = period_of_id(name, board.window)
    return None if period is None else run_of(book, board, period)


def rank(scene: Scene, contributions: dict[str, Any]) -> None:
    """Bring every board's score up to date with what the entry earned; `contributions` are the metrics' new values."""
    earned = {
        currency: sum(line.amount for line in scene.outcome.ledger if line.currency is currency)
        for currency in Currency
    }
    for board in scene.book.boards.values():
        added = contributions.get(board.metric) if board.metric else _positive(earned[Currency(board.score)])
        segment, previous = _segment(scene, board)
        if added is None and segment == previous:
            continue
        run = run_at(scene.book, board, scene.entry.occurred_at)
        if run.takes(scene.entry.received_at, board.late_hours):
            _score(scene, board, run, added, (segment, previous))


def _positive(amount: int) -> int | None:
    return amount if amount > 0 else None


def _segment(scene: Scene, board: Board) -> tuple[str | None, str | None]:
    if board.segment_by is None:
        return None, None
    value = scene.facts[board.segment_by]
    segment = None if value is None else str(value)
    kept = scene.state.setdefault("seg", {})
    previous = kept.get(board.key)
    if segment != previous:
        kept[board.key] = segment
    return segment, previous


def _score(scene: Scene, board: Board, run: Run, added: Any, segments: tuple[str | None, str | None]) -> None:
    old, reached = _read(scene, board, run)
    new = old if added is None else _combined(scene, board, run, old, added)
    if new is None or (new == old and segments[0] == segments[1]):
        return
    if new != old:
        reached = scene.entry.seq
        _write(scene, board, run, [new, reached])
    shown = metrics.shown(scene.book.metrics[board.metric].aggregate, new) if board.metric else new
    if isinstance(shown, (int, float)):
        scene.outcome.boards.append(BoardChange(board.key, run.id, segments[0], segments[1], shown, reached))


def _combined(scene: Scene, board: Board, run: Run, old: Any, added: Any) -> Any:
    metric = scene.book.metrics[board.metric] if board.metric else None
    if metric is None:
        return (old or 0) + added
    if metric.aggregate == "distinct":
        is_new = scene.player.memory.add(f"b:{board.key}:{run.id}", added)
        return (old or 0) + int(is_new)
    return metrics.combine(metric.aggregate, old, added)


def _read(scene: Scene, board: Board, run: Run) -> tuple[Any, int]:
    kept = scene.state.get("boards", {}).get(board.key, {}).get(str(run.ordinal))
    found = kept if kept is not None else scene.player.memory.past.get((f"b:{board.key}", run.ordinal))
    return (found[0], found[1]) if found else (None, 0)


def _write(scene: Scene, board: Board, run: Run, value: list[Any]) -> None:
    runs = scene.state.setdefault("boards", {}).setdefault(board.key, {})
    runs[str(run.ordinal)] = value
    for old in sorted((int(each) for each in runs), reverse=True)[RUNS_KEPT:]:
        scene.player.memory.put(f"b:{board.key}", old, runs.pop(str(old)))
