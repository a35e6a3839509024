"""The fold: one entry applied to one player. Everything that derives state goes through here.

Within one entry: what it says of the player, transitions due before it, metrics and streaks, earning rules,
missions, levels and badges until nothing changes, lifecycle, segments, leaderboards.
"""

from typing import Any

from engine.scoring import activity_limits, award, badges, metrics, missions, streaks, system_entries
from engine.scoring.evaluation import guarded, listens
from engine.scoring.evaluation_context import Scene
from engine.scoring.profile import cut_day, take_profile
from engine.scoring.rank import rank
from engine.scoring.rulebook.compiled_rules import CompiledMetric, CompiledStreak
from engine.scoring.rulebook.rulebook import EventPlan, Rulebook
from engine.scoring.state import generations
from engine.scoring.state.calendar import ordinal
from engine.scoring.state.memory import Memory, Player
from engine.vocabulary.entry import ERASURE, OWN_TYPES, Entry
from engine.vocabulary.outcome import Outcome, Reason, Refusal

__all__ = ["Memory", "Player", "fold"]
PROFILE_RULE = "profile"


def fold(player: Player, entry: Entry, book: Rulebook) -> Outcome:
    """Apply one entry: changes `player.state` and `player.memory` in place and gives what it came to."""
    scene = begin(player, entry, book)
    if entry.type.startswith(OWN_TYPES):
        system_entries.apply(scene)
        badges.settle(scene, book.player_only_badges if scene.outcome.ledger or scene.outcome.badges else [])
    elif activity_limits.is_too_fast(scene):
        limits = book.player_limits
        assert limits is not None, "nothing is too fast without a limit"
        scene.outcome.not_awarded.append(Refusal(limits.key, limits.version, Reason.RATE_LIMITED))
        activity_limits.live(scene)
    else:
        _judge(scene, book.plan(entry.type))
    activity_limits.sort_into_segments(scene)
    if entry.type != ERASURE:
        rank(scene)
    return scene.outcome


def begin(player: Player, entry: Entry, book: Rulebook) -> Scene:
    """Take the profile, let time pass up to the entry, and set the scene for judging it."""
    state = player.state
    state["v"] = state.get("v", 0) + 1
    is_taken = True
    if entry.timezone or entry.attributes or entry.properties:
        before = state.get("tz")
        is_taken = take_profile(state, entry)
        cut_day(state, entry, book, before)
    if book.levels is not None and "level" not in state:
        state["level"] = book.levels.level_at(state.get("xp", 0))
    scene = Scene(player, entry, book)
    if not is_taken:
        scene.outcome.not_awarded.append(Refusal(PROFILE_RULE, 0, Reason.LIMIT_REACHED))
    activity_limits.pass_time(scene)
    return scene


def _judge(scene: Scene, plan: EventPlan) -> None:
    guarded(scene, plan.metrics, _measure)
    guarded(scene, plan.streaks, _continue)
    award.earn(scene, plan.earning)
    missions.step(scene, plan.missions)
    badges.settle(scene, plan.badges)
    activity_limits.live(scene)


def _measure(scene: Scene, metric: CompiledMetric) -> None:
    """Metrics and streaks first: rules that judge the entry see it counted already."""
    if not listens(scene, metric) or not generations.begin(scene.state, metric):
        return
    value: Any = metrics.contribution(metric, scene.entry)
    if value is not None:
        scene.contributions[metric.key] = value
        metrics.update(scene.player, metric, value, scene.clock.day)
        scene.outcome.metrics[metric.key] = metrics.value(scene.player, metric, "total", scene.clock.day)


def _continue(scene: Scene, streak: CompiledStreak) -> None:
    if not listens(scene, streak) or not generations.begin(scene.state, streak):
        return
    if streaks.mark(scene.player, streak, ordinal(scene.clock.day, streak.every)):
        scene.outcome.streaks[streak.key] = streaks.told(scene.state["streaks"][streak.key])
