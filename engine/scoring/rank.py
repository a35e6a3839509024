"""Ranking: what an entry adds to the runs of leaderboards. Ties and closing times are told in BOARDS.md."""

from typing import Any

from engine.scoring import metrics
from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.rulebook.board import CompiledLeaderboard, LeaderboardRun
from engine.scoring.state import scores
from engine.scoring.state.generations import begin_counting, is_stale
from engine.vocabulary.entry import REFUND, REVOCATION
from engine.vocabulary.outcome import BoardChange, Currency


def run_set(board: CompiledLeaderboard, run: LeaderboardRun) -> str:
    """The name of the set of distinct values that count in a run."""
    return f"b:{board.key}:{run.id}"


def update_boards(context: EvaluationContext) -> None:
    """Bring every board's score up to date with what the entry earned and counted, and with the player's segments."""
    changed = _score_earned(context) if context.outcome.ledger else []
    for key, value in context.contributions.items():
        for board in context.book.metric_boards.get(key, ()):
            run = board.run_at(context.entry.occurred_at)
            if run.accepts(context.entry.received_at) and _count(context, board, run, value):
                changed.append((board, run))
    moved = [board for board in context.book.segmented_boards if _has_moved(context, board)]
    for board, run in changed:
        if board not in moved:
            segment = context.state.get("seg", {}).get(board.key)
            _tell(context, board, run, (segment, segment))
    for board in moved:
        _move(context, board)


def _score_earned(context: EvaluationContext) -> list[tuple[CompiledLeaderboard, LeaderboardRun]]:
    if context.entry.type == REFUND:  # what was earned before is not earned again
        return []
    takes_back = context.entry.type == REVOCATION
    earned = {
        currency: sum(
            line.amount
            for line in context.outcome.ledger
            if line.currency is currency and (line.amount > 0 or takes_back)
        )
        for currency in Currency
    }
    changed = []
    for board in context.book.score_boards:
        added = earned[Currency(board.score)]
        run = board.run_at(context.entry.occurred_at)
        if added and run.accepts(context.entry.received_at) and _add(context, board, run, added):
            changed.append((board, run))
    return changed


def _add(context: EvaluationContext, board: CompiledLeaderboard, run: LeaderboardRun, added: int) -> bool:
    if not begin_counting(context.state, board):
        return False
    before = scores.read(context.player, board, run.ordinal)
    if before is None and added < 0:
        return False
    score = max(0, (before[0] if before else 0) + added)
    scores.put(context.player, board, run.ordinal, score, context.entry.seq)
    return True


def _count(context: EvaluationContext, board: CompiledLeaderboard, run: LeaderboardRun, value: Any) -> bool:
    if not begin_counting(context.state, board):
        return False
    aggregate = context.book.metrics[board.score.removeprefix("metric.")].aggregate
    if aggregate == "distinct":
        if not context.player.memory.add(run_set(board, run), value):
            return False
        value = 1
    before, reached = scores.read(context.player, board, run.ordinal) or (None, context.entry.seq)
    score = metrics.combine(aggregate, before, value)
    if score == before:
        return False
    is_same = before is not None and _shown(context, board, score) == _shown(context, board, before)
    scores.put(context.player, board, run.ordinal, score, reached if is_same else context.entry.seq)
    return not is_same


def _shown(context: EvaluationContext, board: CompiledLeaderboard, score: Any) -> Any:
    key = board.metric
    return score if key is None else metrics.as_fact(context.book.metrics[key].aggregate, score)


def _has_moved(context: EvaluationContext, board: CompiledLeaderboard) -> bool:
    value = context.facts[board.segment_by or ""]
    segment = None if value is None else str(value)
    return bool(segment != context.state.get("seg", {}).get(board.key))


def _move(context: EvaluationContext, board: CompiledLeaderboard) -> None:
    """A changed segment moves the whole score, in every run that is still open."""
    value = context.facts[board.segment_by or ""]
    segments = context.state.setdefault("seg", {})
    before, after = segments.get(board.key), None if value is None else str(value)
    segments[board.key] = after
    if is_stale(context.state, board):
        return
    for period in scores.periods_in_state(context.player, board):
        run = board.run(period)
        if run.accepts(context.entry.received_at):
            _tell(context, board, run, (after, before))


def _tell(
    context: EvaluationContext, board: CompiledLeaderboard, run: LeaderboardRun, segments: tuple[str | None, str | None]
) -> None:
    kept = scores.read(context.player, board, run.ordinal)
    assert kept is not None, "a score was written just before"
    change = BoardChange(board.key, run.id, *segments, _shown(context, board, kept[0]), kept[1])
    context.outcome.boards.append(change)
