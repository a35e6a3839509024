"""How levels, lifecycle, streaks, boosts and segments stand for a player at a moment, and what comes next.

Each function reads the state that the fold would judge by, after time has passed up to the moment, and changes nothing.
"""

from collections.abc import Iterator

from engine.scoring import player_activity, streaks
from engine.scoring.evaluation import holds
from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.rulebook.lifecycle import CompiledLifecycle, LifecycleMove
from engine.scoring.rulebook.modifiers import CompiledBoost
from engine.scoring.state.calendar import day_starts_at, first_day, period_ordinal
from engine.scoring.state.generations import is_stale
from engine.scoring.views.dependence import is_settled
from engine.scoring.views.obstacles import schedule_obstacles
from engine.vocabulary.fact import humanise
from engine.vocabulary.moment import Moments
from engine.vocabulary.prospect import DocumentStanding, Obstacle, ObstacleReason, Prospect

_COUNTING = DocumentStanding(Prospect.NO, "Its history is being counted; it stands still until then.")


def levels_standing(context: EvaluationContext, _key: str, _moments: Moments) -> DocumentStanding:
    """The level that the player's XP reach, and how much is missing for the next one."""
    levels = context.book.levels
    assert levels is not None, "only live documents are explained"
    xp = context.state.get("xp", 0)
    level, missing = levels.level_at(xp), levels.xp_to_next(xp)
    now = f"{xp:,} XP make {levels.name_of(level) or f'level {level}'}, level {level}"
    if missing is None:
        return DocumentStanding(Prospect.NEVER, f"{now}, the highest one.")
    following = levels.name_of(level + 1) or f"level {level + 1}"
    goal = Obstacle(ObstacleReason.XP, have=xp, need=xp + missing)
    return DocumentStanding(Prospect.DEPENDS, f"{now}. {missing:,} more XP lead to {following}.", (goal,))


def lifecycle_standing(context: EvaluationContext, _key: str, moments: Moments) -> DocumentStanding:
    """The player's state, what inactivity makes of it and when, and which events lead on."""
    lifecycle = context.book.lifecycle
    assert lifecycle is not None, "only live documents are explained"
    player_activity.pass_time(context)
    state = lifecycle.state_of(context.state)
    since = context.state["life"][1] if "life" in context.state else None
    sentences = [f"{state}{f' since {moments(since)}' if since is not None else ''}."]
    sentences += _inactivity_sentences(context, lifecycle, state, moments)
    moves = [move for move in lifecycle.moves if move.after is None and state in move.sources]
    sentences += [_move_sentence(move) for move in moves]
    return DocumentStanding(Prospect.DEPENDS if moves else Prospect.NO, " ".join(sentences))


def _inactivity_sentences(
    context: EvaluationContext, lifecycle: CompiledLifecycle, state: str, moments: Moments
) -> Iterator[str]:
    move, last = lifecycle.next_inactivity_move(state), context.state.get("last")
    if move is not None and last is not None:
        yield f"Without an event until {moments(last + (move.after or 0))}, it becomes {move.target}."


def _move_sentence(move: LifecycleMove) -> str:
    events = "any event" if "*" in move.events else " or ".join(humanise(event) for event in move.events)
    condition = " if its condition holds" if move.condition is not None else ""
    return f"To {move.target} by {events}{condition}."


def streak_standing(context: EvaluationContext, key: str, moments: Moments) -> DocumentStanding:
    """How long a streak is, until when it lasts without an event, and whether the next one extends it."""
    streak = context.book.streaks[key]
    if is_stale(context.state, streak):
        return _COUNTING
    scheduled = tuple(schedule_obstacles(streak.schedule, context.entry.occurred_at))
    if scheduled:
        is_final = any(obstacle.is_final for obstacle in scheduled)
        return DocumentStanding(Prospect.NEVER if is_final else Prospect.NO, "", scheduled)
    extends = Prospect.YES if streak.condition is None else Prospect.DEPENDS
    record = context.state.get("streaks", {}).get(key)
    if record is None or not record["runs"]:
        return DocumentStanding(extends, "It has not begun: the first matching event begins it.")
    period = period_ordinal(context.clock.day, streak.every)
    current, freezes, at_risk = streaks.status_at(record, period)
    next_period = moments(day_starts_at(first_day(period + 1, streak.every), context.zone))
    longest = f", the longest was {record['longest']}" if record["longest"] > current else ""
    if not current:
        return DocumentStanding(extends, f"It is broken{longest}: the next matching event begins a new one.")
    length = f"{current} {streak.every}{'s' if current > 1 else ''} in a row{longest}"
    if not at_risk:
        return DocumentStanding(
            Prospect.NO, f"{length}, this {streak.every} included. The next one counts from {next_period}."
        )
    saved = f", or else a freeze is used ({freezes} left)" if freezes else ""
    return DocumentStanding(extends, f"{length}. A matching event before {next_period} keeps it{saved}.")


def boost_standing(context: EvaluationContext, key: str, _moments: Moments) -> DocumentStanding:
    """Whether a boost multiplies what the player is granted now."""
    boost = next(boost for boost in context.book.boosts if boost.key == key)
    obstacles = tuple(_boost_obstacles(context, boost))
    if obstacles:
        is_final = any(obstacle.is_final for obstacle in obstacles)
        return DocumentStanding(
            Prospect.NEVER if is_final else Prospect.NO, "It multiplies nothing for this player.", obstacles
        )
    effect = f"what this player is granted now by {boost.multiplier.normalize():f}"
    if boost.condition is None or _has_settled_condition(boost):
        return DocumentStanding(Prospect.YES, f"It multiplies {effect}.")
    return DocumentStanding(Prospect.DEPENDS, f"It multiplies {effect}, where its condition holds for the event.")


def _boost_obstacles(context: EvaluationContext, boost: CompiledBoost) -> Iterator[Obstacle]:
    yield from schedule_obstacles(boost.schedule, context.entry.occurred_at)
    if boost.segment is not None and boost.segment not in context.state.get("in", ()):
        yield Obstacle(ObstacleReason.NOT_IN_SEGMENT)
    if _has_settled_condition(boost) and not holds(context, boost.condition):
        yield Obstacle(ObstacleReason.CONDITION)


def _has_settled_condition(boost: CompiledBoost) -> bool:
    """Whether its condition is the same for any event of the moment."""
    return boost.condition is not None and all(map(is_settled, boost.condition.paths))


def segment_standing(context: EvaluationContext, key: str, _moments: Moments) -> DocumentStanding:
    """Whether the player is in a segment, as the newest entry has left it."""
    is_in = key in context.state.get("in", ())
    text = "in it" if is_in else "not in it"
    return DocumentStanding(
        Prospect.DEPENDS, f"The player is {text}, as of the newest entry; the next one decides anew."
    )
