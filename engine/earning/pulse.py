"""The pulse of a player: inactivity, lifecycle, and how fast events come."""

from engine.earning.calendar import SECOND, ordinal
from engine.earning.judge import holds
from engine.earning.scene import Scene
from engine.earning.streaks import pass_time as pass_streak_time
from engine.vocabulary.outcome import Transition

MINUTE = 60 * SECOND
USUAL_DAYS = 7
BUSY_DAY = 20


def pass_time(scene: Scene) -> None:
    """Make the transitions that were due before the entry, from the player's state alone."""
    _fall_quiet(scene)
    for key, record in scene.state.get("streaks", {}).items():
        streak = scene.book.streaks.get(key)
        if streak is not None:
            pass_streak_time(record, ordinal(scene.clock.day, streak.every))


def _fall_quiet(scene: Scene) -> None:
    lifecycle, life = scene.book.lifecycle, scene.state.get("life")
    last = scene.state.get("last")
    if lifecycle is None or life is None or last is None:
        return
    moved = True
    while moved:
        moved = False
        for move in lifecycle.quiet(life[0]):
            due = last + (move.after or 0)
            if due <= scene.entry.occurred_at:
                scene.outcome.lifecycle.append(Transition(life[0], move.target, due))
                life[:] = [move.target, due]
                moved = True
                break


def live(scene: Scene) -> None:
    """Note the activity and make at most one move that the event causes."""
    lifecycle = scene.book.lifecycle
    scene.state["last"] = max(scene.state.get("last", scene.entry.occurred_at), scene.entry.occurred_at)
    if lifecycle is None:
        return
    life = scene.state.setdefault("life", [lifecycle.initial, scene.entry.occurred_at])
    if scene.entry.occurred_at < life[1]:
        return  # a late event does not take back what the player has become since
    for move in lifecycle.on_event(life[0], scene.entry.type):
        if move.target != life[0] and holds(scene, move.condition):
            scene.outcome.lifecycle.append(Transition(life[0], move.target, scene.entry.occurred_at))
            life[:] = [move.target, scene.entry.occurred_at]
            return


def is_too_fast(scene: Scene) -> bool:
    """Count the event towards its minute and its day; whether the minute is over its limit."""
    limits = scene.book.player_limits
    if limits is None:
        return False
    if limits.flag_above_usual:
        _compare_with_usual(scene, limits.flag_above_usual)
    if limits.max_events_per_minute is None:
        return False
    minute = scene.entry.occurred_at // MINUTE
    kept = scene.state.get("rate", [minute, 0])
    count = kept[1] + 1 if kept[0] == minute else 1
    scene.state["rate"] = [minute, count]
    return bool(count > limits.max_events_per_minute)


def _compare_with_usual(scene: Scene, factor: int) -> None:
    """`usual` is [days, events on them, newest day, events on it]; a day far above the player's own mean is flagged."""
    days, events, newest, count = scene.state.get("usual", [0, 0, scene.clock.day, 0])
    if scene.clock.day > newest:
        days, events, newest, count = days + 1, events + count, scene.clock.day, 0
    if scene.clock.day == newest:
        count += 1
        if days >= USUAL_DAYS and count > BUSY_DAY and count * days > factor * events:
            mean = max(1, round(events / days))
            scene.outcome.flag = f"{count} events on {scene.clock.date}, usually about {mean} a day"
    scene.state["usual"] = [days, events, newest, count]
