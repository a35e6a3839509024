"""The scene in which one entry is judged: player, entry, local time, and facts worked out when asked for."""

from collections.abc import Callable
from typing import Any

from engine.earning import metrics, streaks
from engine.earning.calendar import Local, local, ordinal
from engine.earning.rulebook import Rulebook
from engine.earning.state import Player
from engine.logic.facts import Facts
from engine.vocabulary.entry import Entry
from engine.vocabulary.outcome import Outcome

CHANGING = ("player.xp", "player.coins", "player.level", "player.badges", "player.state")


class LazyFacts(Facts):
    """Facts by full path; each is worked out when a rule first asks for it."""

    __slots__ = ("scene",)

    def __init__(self, scene: "Scene") -> None:
        super().__init__()
        self.scene = scene

    def __missing__(self, path: str) -> Any:
        resolvers = self.scene.book.resolvers
        resolve = resolvers.get(path)
        if resolve is None:
            resolve = resolvers[path] = resolver(path, self.scene.book)
        value = self[path] = resolve(self.scene)
        return value

    def forget(self) -> None:
        """Drop what a step may have changed: rules see the values after the step before."""
        for path in [path for path in self if path in CHANGING or path.startswith("mission.")]:
            del self[path]


class Scene:
    """Everything about one entry while it is judged; lives as long as one fold."""

    __slots__ = ("book", "clock", "entry", "facts", "outcome", "player", "state")

    def __init__(self, player: Player, entry: Entry, book: Rulebook) -> None:
        self.player, self.entry, self.book = player, entry, book
        self.state = player.state
        self.clock: Local = local(entry.occurred_at, book.zone(player.state.get("tz")))
        self.outcome = Outcome()
        self.facts = LazyFacts(self)


Resolver = Callable[[Scene], Any]


def resolver(path: str, book: Rulebook) -> Resolver:
    """How to work out one fact; what is not in this rulebook is None."""
    head, _, rest = path.partition(".")
    if head == "event":
        return _of_event(rest)
    if head == "player":
        return _of_player(rest)
    if head == "time":
        return _of_time(rest)
    key, _, which = rest.partition(".")
    return {"metric": _of_metric, "streak": _of_streak, "mission": _of_mission}[head](book, key, which)


def _of_event(rest: str) -> Resolver:
    if rest == "type":
        return lambda scene: scene.entry.type
    parts = tuple(rest.split("."))[1:]
    if len(parts) == 1:
        name = parts[0]
        return lambda scene: scene.entry.properties.get(name)
    return lambda scene: metrics.part(scene.entry.properties, parts)


def _of_player(rest: str) -> Resolver:
    if rest.startswith("attributes."):
        parts = tuple(rest.split("."))[1:]
        return lambda scene: metrics.part(scene.state.get("attributes", {}), parts)
    found: dict[str, Resolver] = {
        "xp": lambda scene: scene.state.get("xp", 0),
        "coins": lambda scene: scene.state.get("coins", 0),
        "level": lambda scene: scene.state.get("level", 1),
        "state": lambda scene: (scene.state.get("life") or [None])[0],
        "badges": lambda scene: [key for key, held in scene.state.get("badges", {}).items() if held],
    }
    return found.get(rest, _nothing)


def _of_time(rest: str) -> Resolver:
    found: dict[str, Resolver] = {
        "hour": lambda scene: scene.clock.hour,
        "weekday": lambda scene: scene.clock.weekday,
        "date": lambda scene: scene.clock.date,
    }
    return found.get(rest, _nothing)


def _of_metric(book: Rulebook, key: str, which: str) -> Resolver:
    metric = book.metrics.get(key)
    if metric is None:
        return _nothing
    return lambda scene: metrics.value(scene.player, metric, which, scene.clock.day)


def _of_streak(book: Rulebook, key: str, which: str) -> Resolver:
    if key not in book.streaks:
        return _nothing

    def resolve(scene: Scene) -> int:
        record = scene.state.get("streaks", {}).get(key)
        if record is None:
            return 0
        return streaks.current(record) if which == "current" else int(record["longest"])

    return resolve


def _of_mission(book: Rulebook, key: str, which: str) -> Resolver:
    rule = book.rules.get(key)
    if rule is None:
        return _nothing

    def resolve(scene: Scene) -> Any:
        zone = book.zone(scene.state.get("tz") if rule.zone == "player" else rule.zone)
        period = ordinal(local(scene.entry.occurred_at, zone).day, rule.period)
        progress, done = scene.state.get("missions", {}).get(key, {}).get(str(period), (0, 0))
        return progress if which == "progress" else bool(done)

    return resolve


def _nothing(_: Scene) -> None:
    return None
