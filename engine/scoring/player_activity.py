"""A player's activity: inactivity, lifecycle and segments."""

from engine.scoring.evaluation import holds, run_isolated
from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.rulebook.lifecycle import CompiledLifecycle, LifecycleMove
from engine.scoring.state.calendar import period_ordinal
from engine.scoring.state.generations import is_stale
from engine.scoring.streaks import pass_time as pass_streak_time
from engine.scoring.streaks import summary
from engine.vocabulary.outcome import LifecycleChange


def pass_time(context: EvaluationContext) -> None:
    """Make the changes that were due before the entry, from the player's state alone."""
    if context.book.lifecycle is not None:
        _pass_inactivity(context, context.book.lifecycle)
    for key, record in context.state.get("streaks", {}).items():
        streak = context.book.streaks.get(key)
        if streak is None or is_stale(context.state, streak):
            continue
        if pass_streak_time(record, period_ordinal(context.clock.day, streak.every)):
            context.outcome.streaks[key] = summary(record)


def _pass_inactivity(context: EvaluationContext, lifecycle: CompiledLifecycle) -> None:
    last_activity = context.state.get("last")
    if last_activity is None:
        return
    # A lifecycle may have been published after the last activity: then the player is in no state yet.
    since = context.state["life"][1] if "life" in context.state else last_activity
    life = [lifecycle.state_of(context.state), since]
    # No more moves than there are arrows, so that a cycle of them ends.
    for _ in lifecycle.moves:
        move = lifecycle.next_inactivity_move(life[0])
        if move is None:
            return
        due_at = last_activity + (move.after or 0)
        if due_at >= context.entry.occurred_at:
            return
        context.outcome.lifecycle.append(LifecycleChange(life[0], move.target, due_at))
        life = context.state["life"] = [move.target, due_at]


def note_activity(context: EvaluationContext) -> None:
    """Record the activity and make the lifecycle moves that the event causes, each state at most once."""
    state, occurred_at = context.state, context.entry.occurred_at
    state["last"] = max(state.get("last", occurred_at), occurred_at)
    lifecycle = context.book.lifecycle
    if lifecycle is None:
        return
    life = state.setdefault("life", [lifecycle.initial, occurred_at])
    life[0] = lifecycle.state_of(state)
    if occurred_at < life[1]:
        return  # a late event does not take back what the player has become since
    visited = {life[0]}
    while _move_by_event(context, lifecycle, life, visited):
        visited.add(life[0])


def _move_by_event(
    context: EvaluationContext, lifecycle: CompiledLifecycle, life: list[object], visited: set[object]
) -> bool:
    occurred_at = context.entry.occurred_at
    for move in lifecycle.event_moves(str(life[0]), context.entry.type):
        if move.target not in visited and _allows(context, lifecycle, move):
            context.outcome.lifecycle.append(LifecycleChange(str(life[0]), move.target, occurred_at))
            life[:] = [move.target, occurred_at]
            return True
    return False


def _allows(context: EvaluationContext, lifecycle: CompiledLifecycle, move: LifecycleMove) -> bool:
    judged = run_isolated(context, [lifecycle], lambda at, _: holds(at, move.condition))
    return any(is_met for _, is_met in judged)


def update_segments(context: EvaluationContext) -> None:
    """Determine again which segments the player is in; nobody is in one whose condition fails with a fault."""
    if not context.book.segments:
        return
    before = context.state.get("in", [])
    judged = run_isolated(context, context.book.segments, lambda at, segment: holds(at, segment.condition))
    after = sorted(segment.key for segment, is_met in judged if is_met)
    if after == before:
        return
    context.outcome.entered = [key for key in after if key not in before]
    context.outcome.left = [key for key in before if key not in after]
    context.state["in"] = after
