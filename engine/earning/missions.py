"""Missions: so many matching events within a period of the player's or the mission's zone; each done once a period."""

from engine.earning.award import grant_of
from engine.earning.calendar import local, ordinal, period_id
from engine.earning.judge import matches
from engine.earning.ruled import Rule
from engine.earning.scene import Scene
from engine.vocabulary.outcome import Completion

PERIODS_KEPT = 3


def step(scene: Scene, missions: list[Rule]) -> None:
    """Count the entry towards every mission that it matches."""
    for rule in missions:
        if matches(scene, rule):
            _count(scene, rule)


def _count(scene: Scene, rule: Rule) -> None:
    period = period_of(scene, rule)
    progress, done = read(scene, rule, period)
    if done:
        return
    progress += 1
    done = progress >= rule.target
    _write(scene, rule, period, [progress, int(done)])
    name = period_id(period, rule.period)
    scene.outcome.missions[rule.key] = {
        "progress": progress,
        "target": rule.target,
        "state": "completed" if done else "active",
        "period": name,
    }
    if done:
        scene.outcome.completions.append(Completion(rule.key, name, rule.version))
        grant_of(scene, rule)


def period_of(scene: Scene, rule: Rule) -> int:
    """The ordinal of the period that the entry lies in, in the player's zone or the mission's own."""
    if rule.zone == "player":
        return ordinal(scene.clock.day, rule.period)
    return ordinal(local(scene.entry.occurred_at, scene.book.zone(rule.zone)).day, rule.period)


def read(scene: Scene, rule: Rule, period: int) -> tuple[int, bool]:
    """The progress in a period and whether it is done."""
    kept = scene.state.get("missions", {}).get(rule.key, {}).get(str(period))
    found = kept if kept is not None else scene.player.memory.past.get((f"p:{rule.key}", period))
    return (found[0], bool(found[1])) if found else (0, False)


def _write(scene: Scene, rule: Rule, period: int, value: list[int]) -> None:
    periods = scene.state.setdefault("missions", {}).setdefault(rule.key, {})
    newest = sorted((int(each) for each in periods), reverse=True)[:PERIODS_KEPT]
    if len(newest) == PERIODS_KEPT and period < newest[-1]:
        scene.player.memory.put(f"p:{rule.key}", period, value)
        return
    periods[str(period)] = value
    for old in sorted((int(each) for each in periods), reverse=True)[PERIODS_KEPT:]:
        scene.player.memory.put(f"p:{rule.key}", old, periods.pop(str(old)))
