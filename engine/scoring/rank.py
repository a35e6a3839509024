"""Ranking: what an entry adds to the runs of leaderboards. Ties and closing times are told in BOARDS.md."""

from typing import Any

from engine.scoring import metrics
from engine.scoring.evaluation_context import Scene
from engine.scoring.rulebook.board import CompiledLeaderboard, LeaderboardRun
from engine.scoring.state import scores
from engine.scoring.state.generations import begin, is_stale
from engine.vocabulary.entry import REFUND, REVOCATION
from engine.vocabulary.outcome import BoardChange, Currency


def run_set(board: CompiledLeaderboard, run: LeaderboardRun) -> str:
    """The name of the set of distinct values that count in a run."""
    return f"b:{board.key}:{run.id}"


def rank(scene: Scene) -> None:
    """Bring every board's score up to date with what the entry earned and counted, and with the player's segments."""
    changed = _score_earned(scene) if scene.outcome.ledger else []
    for key, value in scene.contributions.items():
        for board in scene.book.metric_boards.get(key, ()):
            run = board.run_at(scene.entry.occurred_at)
            if run.accepts(scene.entry.received_at) and _count(scene, board, run, value):
                changed.append((board, run))
    moved = [board for board in scene.book.segmented_boards if _has_moved(scene, board)]
    for board, run in changed:
        if board not in moved:
            segment = scene.state.get("seg", {}).get(board.key)
            _tell(scene, board, run, (segment, segment))
    for board in moved:
        _move(scene, board)


def _score_earned(scene: Scene) -> list[tuple[CompiledLeaderboard, LeaderboardRun]]:
    if scene.entry.type == REFUND:  # what was earned before is not earned again
        return []
    takes_back = scene.entry.type == REVOCATION
    earned = {
        currency: sum(
            line.amount
            for line in scene.outcome.ledger
            if line.currency is currency and (line.amount > 0 or takes_back)
        )
        for currency in Currency
    }
    changed = []
    for board in scene.book.score_boards:
        added = earned[Currency(board.score)]
        run = board.run_at(scene.entry.occurred_at)
        if added and run.accepts(scene.entry.received_at) and _add(scene, board, run, added):
            changed.append((board, run))
    return changed


def _add(scene: Scene, board: CompiledLeaderboard, run: LeaderboardRun, added: int) -> bool:
    if not begin(scene.state, board):
        return False
    before = scores.read(scene.player, board, run.ordinal)
    if before is None and added < 0:
        return False
    score = max(0, (before[0] if before else 0) + added)
    scores.put(scene.player, board, run.ordinal, score, scene.entry.seq)
    return True


def _count(scene: Scene, board: CompiledLeaderboard, run: LeaderboardRun, value: Any) -> bool:
    if not begin(scene.state, board):
        return False
    aggregate = scene.book.metrics[board.score.removeprefix("metric.")].aggregate
    if aggregate == "distinct":
        if not scene.player.memory.add(run_set(board, run), value):
            return False
        value = 1
    before, reached = scores.read(scene.player, board, run.ordinal) or (None, scene.entry.seq)
    score = metrics.combine(aggregate, before, value)
    if score == before:
        return False
    is_same = before is not None and _shown(scene, board, score) == _shown(scene, board, before)
    scores.put(scene.player, board, run.ordinal, score, reached if is_same else scene.entry.seq)
    return not is_same


def _shown(scene: Scene, board: CompiledLeaderboard, score: Any) -> Any:
    key = board.metric
    return score if key is None else metrics.shown(scene.book.metrics[key].aggregate, score)


def _has_moved(scene: Scene, board: CompiledLeaderboard) -> bool:
    value = scene.facts[board.segment_by or ""]
    segment = None if value is None else str(value)
    return bool(segment != scene.state.get("seg", {}).get(board.key))


def _move(scene: Scene, board: CompiledLeaderboard) -> None:
    """A changed segment moves the whole score, in every run that is still open."""
    value = scene.facts[board.segment_by or ""]
    segments = scene.state.setdefault("seg", {})
    before, after = segments.get(board.key), None if value is None else str(value)
    segments[board.key] = after
    if is_stale(scene.state, board):
        return
    for period in scores.kept(scene.player, board):
        run = board.run(period)
        if run.accepts(scene.entry.received_at):
            _tell(scene, board, run, (after, before))


def _tell(
    scene: Scene, board: CompiledLeaderboard, run: LeaderboardRun, segments: tuple[str | None, str | None]
) -> None:
    kept = scores.read(scene.player, board, run.ordinal)
    assert kept is not None, "a score was written just before"
    change = BoardChange(board.key, run.id, *segments, _shown(scene, board, kept[0]), kept[1])
    scene.outcome.boards.append(change)
