"""The fold: one entry applied to one player. Everything that derives state goes through here.

Within one entry: what it says of the player, transitions due before it, metrics and streaks, earning rules,
missions, levels and badges until nothing changes, lifecycle, segments, leaderboards.
"""

from typing import Any

from engine.earning import award, badges, metrics, missions, own, pulse, rank, streaks
from engine.earning.calendar import ordinal
from engine.earning.judge import holds
from engine.earning.rulebook import Plan, Rulebook
from engine.earning.scene import Scene
from engine.earning.state import Player, advance, bound
from engine.vocabulary.entry import Entry
from engine.vocabulary.outcome import Outcome, Reason, Refusal


def fold(player: Player, entry: Entry, book: Rulebook) -> Outcome:
    """Apply one entry: changes `player.state` and `player.memory` in place and gives what it came to."""
    player.state["v"] = player.state.get("v", 0) + 1
    own.take_profile(player.state, entry)
    scene = Scene(player, entry, book)
    pulse.pass_time(scene)
    if not entry.is_event:
        own.apply(scene)
    elif pulse.is_too_fast(scene):
        scene.outcome.not_awarded.append(Refusal("player_limits", 0, Reason.RATE_LIMITED))
    else:
        _judge(scene)
    bound(player)
    return scene.outcome


def _judge(scene: Scene) -> None:
    plan = scene.book.plan(scene.entry.type)
    advance(scene.player, scene.clock.day)
    contributions = _measure(scene, plan)
    award.earn(scene, plan.earning)
    scene.facts.forget()
    missions.step(scene, plan.missions)
    badges.settle(scene, plan.badges)
    pulse.live(scene)
    _sort_into_segments(scene)
    rank.rank(scene, contributions)


def _measure(scene: Scene, plan: Plan) -> dict[str, Any]:
    """Metrics and streaks first: rules that judge the entry see it counted already."""
    contributions: dict[str, Any] = {}
    for metric in plan.metrics:
        if holds(scene, metric.condition):
            value = metrics.contribution(metric, scene.entry)
            if value is not None:
                contributions[metric.key] = value
                metrics.update(scene.player, metric, value, scene.clock.day)
    for streak in plan.streaks:
        if holds(scene, streak.condition) and streaks.mark(
            scene.player, streak, ordinal(scene.clock.day, streak.every)
        ):
            record = scene.state["streaks"][streak.key]
            scene.outcome.streaks[streak.key] = {
                "current": streaks.current(record),
                "longest": record["longest"],
                "freezes": record["freezes"],
            }
    return contributions


def _sort_into_segments(scene: Scene) -> None:
    if not scene.book.segments:
        return
    found = sorted(each.key for each in scene.book.segments if holds(scene, each.condition))
    if found:
        scene.state["in"] = found
    else:
        scene.state.pop("in", None)
