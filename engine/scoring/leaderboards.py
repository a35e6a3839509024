"""Ranking: what an entry adds to the runs of leaderboards. BOARDS.md explains ties and closing times."""

from typing import Any

from engine.scoring import metrics
from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.rulebook.leaderboard import CompiledLeaderboard, LeaderboardRun
from engine.scoring.state import scores
from engine.scoring.state.generations import begin_counting, is_stale
from engine.vocabulary.entry import REFUND, REVOCATION
from engine.vocabulary.outcome import BoardChange


def run_set(board: CompiledLeaderboard, run: LeaderboardRun) -> str:
    """The name of the set of distinct values that count in a run."""
    return f"b:{board.key}:{run.id}"


def update_boards(context: EvaluationContext) -> None:
    """Update every board's score by what the entry earned and counted, and by the player's segments."""
    changed = _add_earned(context) if context.outcome.ledger else []
    for metric_key, contribution in context.contributions.items():
        for board in context.book.metric_boards.get(metric_key, ()):
            run = board.run_at(context.entry.occurred_at)
            if run.accepts(context.entry.received_at) and _add_contribution(context, board, run, contribution):
                changed.append((board, run))
    moved = [board for board in context.book.segmented_boards if _has_moved(context, board)]
    for board, run in changed:
        # A board that moves reports all its scores below, this one included.
        if board not in moved:
            segment = context.state.get("seg", {}).get(board.key)
            _report(context, board, run, (segment, segment))
    for board in moved:
        _move_scores(context, board)


def _add_earned(context: EvaluationContext) -> list[tuple[CompiledLeaderboard, LeaderboardRun]]:
    """Add the XP and coins earned to the boards that rank by them; returns the runs whose score changed."""
    if context.entry.type == REFUND:  # what was earned before is not earned again
        return []
    earned = _earned_by_currency(context)
    changed = []
    for board in context.book.score_boards:
        amount = earned[board.score]
        run = board.run_at(context.entry.occurred_at)
        if amount and run.accepts(context.entry.received_at) and _add_amount(context, board, run, amount):
            changed.append((board, run))
    return changed


def _earned_by_currency(context: EvaluationContext) -> dict[str, int]:
    """Spending lowers no score; only a revocation takes back."""
    takes_back = context.entry.type == REVOCATION
    earned = {"xp": 0, "coins": 0}  # not by Currency: to go through an enum takes longer than all else here
    for ledger_entry in context.outcome.ledger:
        if ledger_entry.amount > 0 or takes_back:
            earned[str(ledger_entry.currency)] += ledger_entry.amount
    return earned


def _add_amount(context: EvaluationContext, board: CompiledLeaderboard, run: LeaderboardRun, amount: int) -> bool:
    if not begin_counting(context.state, board):
        return False
    before = scores.read(context.player, board, run.ordinal)
    if before is None and amount < 0:
        return False
    score = max(0, (before[0] if before else 0) + amount)
    scores.put(context.player, board, run.ordinal, score, context.entry.seq)
    return True


def _add_contribution(context: EvaluationContext, board: CompiledLeaderboard, run: LeaderboardRun, value: Any) -> bool:
    """Add what a metric counted; returns whether the score that is shown has changed."""
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
    # `last` stores its moment, too: a newer one with the same number changes the score but not what is shown.
    is_same = before is not None and _shown_score(context, board, score) == _shown_score(context, board, before)
    scores.put(context.player, board, run.ordinal, score, reached if is_same else context.entry.seq)
    return not is_same


def _shown_score(context: EvaluationContext, board: CompiledLeaderboard, score: Any) -> Any:
    key = board.metric
    return score if key is None else metrics.as_fact(context.book.metrics[key].aggregate, score)


def _segment_now(context: EvaluationContext, board: CompiledLeaderboard) -> str | None:
    value = context.facts[board.segment_by or ""]
    return None if value is None else str(value)


def _has_moved(context: EvaluationContext, board: CompiledLeaderboard) -> bool:
    return bool(_segment_now(context, board) != context.state.get("seg", {}).get(board.key))


def _move_scores(context: EvaluationContext, board: CompiledLeaderboard) -> None:
    """Move the whole score to the player's new segment, in every run that is still open."""
    segments = context.state.setdefault("seg", {})
    before, after = segments.get(board.key), _segment_now(context, board)
    segments[board.key] = after
    if is_stale(context.state, board):
        return
    for period in scores.periods_in_state(context.player, board):
        run = board.run(period)
        if run.accepts(context.entry.received_at):
            _report(context, board, run, (after, before))


def _report(
    context: EvaluationContext,
    board: CompiledLeaderboard,
    run: LeaderboardRun,
    segments: tuple[str | None, str | None],
) -> None:
    """Report a score; `segments` are the present one and the one before."""
    stored = scores.read(context.player, board, run.ordinal)
    assert stored is not None, "only runs with a score are reported"
    score, reached = stored
    segment, previous_segment = segments
    shown_score = _shown_score(context, board, score)
    context.outcome.boards.append(BoardChange(board.key, run.id, segment, previous_segment, shown_score, reached))
