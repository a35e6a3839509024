"""The pulse of a player: inactivity, lifecycle, and how fast events come."""

from decimal import Decimal

from engine.scoring.evaluation import guarded, holds
from engine.scoring.evaluation_context import Scene
from engine.scoring.lifecycle import CompiledLifecycle, LifecycleMove
from engine.scoring.state.calendar import SECOND, ordinal
from engine.scoring.state.generations import is_stale
from engine.scoring.streaks import pass_time as pass_streak_time
from engine.scoring.streaks import told
from engine.vocabulary.outcome import Transition

MINUTE = 60 * SECOND
USUAL_DAYS = 7
BUSY_DAY = 20


def pass_time(scene: Scene) -> None:
    """Make the transitions that were due before the entry, from the player's state alone."""
    if scene.book.lifecycle is not None:
        _fall_quiet(scene, scene.book.lifecycle)
    for key, record in scene.state.get("streaks", {}).items():
        streak = scene.book.streaks.get(key)
        if streak is None or is_stale(scene.state, streak):
            continue
        if pass_streak_time(record, ordinal(scene.clock.day, streak.every)):
            scene.outcome.streaks[key] = told(record)


def _fall_quiet(scene: Scene, lifecycle: CompiledLifecycle) -> None:
    last = scene.state.get("last")
    if last is None:
        return
    since = scene.state["life"][1] if "life" in scene.state else last  # a lifecycle may be newer than the last activity
    life = [lifecycle.state_of(scene.state), since]
    for _ in lifecycle.moves:
        move = lifecycle.next_inactivity_move(life[0])
        if move is None or last + (move.after or 0) >= scene.entry.occurred_at:
            return
        due = last + (move.after or 0)
        scene.outcome.lifecycle.append(Transition(life[0], move.target, due))
        life = scene.state["life"] = [move.target, due]


def live(scene: Scene) -> None:
    """Note the activity and make the moves that the event causes, each at most once."""
    state, at = scene.state, scene.entry.occurred_at
    state["last"] = max(state.get("last", at), at)
    lifecycle = scene.book.lifecycle
    if lifecycle is None:
        return
    life = state.setdefault("life", [lifecycle.initial, at])
    life[0] = lifecycle.state_of(state)
    if at < life[1]:
        return  # a late event does not take back what the player has become since
    seen = {life[0]}
    while _moves(scene, lifecycle, life, seen):
        seen.add(life[0])


def _moves(scene: Scene, lifecycle: CompiledLifecycle, life: list[object], seen: set[object]) -> bool:
    for move in lifecycle.event_moves(str(life[0]), scene.entry.type):
        if move.target not in seen and _allows(scene, lifecycle, move):
            scene.outcome.lifecycle.append(Transition(str(life[0]), move.target, scene.entry.occurred_at))
            life[:] = [move.target, scene.entry.occurred_at]
            return True
    return False


def _allows(scene: Scene, lifecycle: CompiledLifecycle, move: LifecycleMove) -> bool:
    judged = guarded(scene, [lifecycle], lambda its, _: holds(its, move.condition))
    return any(is_met for _, is_met in judged)


def sort_into_segments(scene: Scene) -> None:
    """Work out anew in which segments the player is; nobody is in one whose condition breaks."""
    if not scene.book.segments:
        return
    before = scene.state.get("in", [])
    judged = guarded(scene, scene.book.segments, lambda its, segment: holds(its, segment.condition))
    found = sorted(segment.key for segment, is_met in judged if is_met)
    if found == before:
        return
    scene.outcome.entered = [key for key in found if key not in before]
    scene.outcome.left = [key for key in before if key not in found]
    scene.state["in"] = found


def is_too_fast(scene: Scene) -> bool:
    """Count the event towards its minute and its day; whether the minute is over its limit.

    An event of a minute before the newest is never too fast: its own minute is no longer counted.
    """
    limits = scene.book.player_limits
    if limits is None:
        return False
    if limits.flag_above_usual is not None:
        _compare_with_usual(scene, limits.flag_above_usual)
    if limits.max_events_per_minute is None:
        return False
    minute = scene.entry.occurred_at // MINUTE
    newest, count = scene.state.get("rate", (minute, 0))
    if minute < newest:
        return False
    count = count + 1 if minute == newest else 1
    scene.state["rate"] = [minute, count]
    return bool(count > limits.max_events_per_minute)


def _compare_with_usual(scene: Scene, factor: Decimal) -> None:
    """`usual` is [days, events on them, newest day, events on it]; a day far above the player's own mean is flagged."""
    day = scene.clock.day
    days, events, newest, count = scene.state.get("usual", (0, 0, day, 0))
    if day > newest:
        days, events, newest, count = days + 1, events + count, day, 0
    if day == newest:
        count += 1
        if days >= USUAL_DAYS and count > BUSY_DAY and count * days > factor * events:
            mean = max(1, round(events / days))
            scene.outcome.flag = f"{count} events on {scene.clock.date}, usually about {mean} a day"
    scene.state["usual"] = [days, events, newest, count]
