"""Whether what a rule does at the next event depends on what that event holds.

Where it does not, trying one event is trying them all. The answer errs towards "it depends": a rule is said to be
independent only if everything that it reads is, directly or through the metrics, streaks, missions and rules that are
judged before it at the same event. An event is taken to say nothing about its player.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.language.compile import CompiledLogic
from engine.scoring.rulebook.compiled_rules import CompiledMetric, CompiledRule, CompiledStreak
from engine.scoring.rulebook.rulebook import Rulebook

_SETTLED = ("time.", "player.attributes.")
_BEFORE_ANY_EVENT = ("player.segments", "player.state")
"""Known before the event is judged: they are what the entry before, and time, have made of the player."""


def is_settled(path: str) -> bool:
    """Whether a fact is the same for any event of a moment."""
    return path.startswith(_SETTLED) or path in _BEFORE_ANY_EVENT


def depends_on_event(rule: CompiledRule, book: Rulebook) -> bool:
    """Whether two events of this moment that both trigger the rule may differ in whether it awards."""
    return _Dependence(book, rule.events).of_rule(rule)


@dataclass(slots=True)
class _Dependence:
    """The question for the events of one rule; `pending` are the rules that are being looked at."""

    book: Rulebook
    events: tuple[str, ...]
    pending: set[str] = field(default_factory=set)

    def of_rule(self, rule: CompiledRule) -> bool:
        if rule.key in self.pending:
            return True
        if not self._hears_all_alike(rule.events):
            return True
        self.pending.add(rule.key)
        try:
            gives_first = rule.key in {earning.key for earning in self.book.earning}
            paths = [*_paths_of([rule.condition]), *rule.once_per]
            if gives_first:  # what other kinds award does not depend on the amount
                paths += self._paths_of_amounts(rule)
            return any(self._of_path(path, after_earning=not gives_first) for path in paths)
        finally:
            self.pending.discard(rule.key)

    def _paths_of_amounts(self, rule: CompiledRule) -> list[str]:
        return _paths_of([*rule.grant.formulas, *(boost.condition for boost in self.book.boosts)])

    def _of_path(self, path: str, *, after_earning: bool) -> bool:
        head, _, rest = path.partition(".")
        if path == "event.type":
            return len(self.events) > 1 or "*" in self.events
        if is_settled(path):
            return False
        if head == "player":
            return after_earning and self._of_balances()
        key = rest.partition(".")[0]
        if path.startswith(("metric.", "streak.")):
            measure = self.book.metrics.get(key) or self.book.streaks.get(key)
            return measure is not None and self._of_measure(measure)
        if path.startswith("mission."):
            mission = self.book.rules.get(key)
            return after_earning and mission is not None and self.of_rule(mission)
        return True

    def _of_measure(self, measure: CompiledMetric | CompiledStreak) -> bool:
        if not self._hears_all_alike(measure.events):
            return True
        if isinstance(measure, CompiledMetric) and measure.parts:
            return True
        return any(self._of_path(path, after_earning=False) for path in _paths_of([measure.condition]))

    def _of_balances(self) -> bool:
        """Whether what is earned before levels and badges are judged, or with them, depends on the event."""
        for rule in self.book.rules.values():
            if self._hears_none(rule.events):
                continue
            if self.of_rule(rule) or any(
                self._of_path(path, after_earning=True) for path in self._paths_of_amounts(rule)
            ):
                return True
        levels = self.book.levels
        grants = [] if levels is None else [*levels.grants, levels.grant]
        formulas = [formula for grant in grants for formula in grant.formulas]
        return any(self._of_path(path, after_earning=True) for path in _paths_of(formulas))

    def _hears_none(self, events: tuple[str, ...]) -> bool:
        return "*" not in self.events and "*" not in events and not set(events) & set(self.events)

    def _hears_all_alike(self, events: tuple[str, ...]) -> bool:
        """Whether something that listens to `events` hears all of our events, or none of them."""
        return "*" in events or set(self.events) <= set(events) or self._hears_none(events)


def _paths_of(logics: Iterable[CompiledLogic | None]) -> list[str]:
    return [path for logic in logics if logic is not None for path in sorted(logic.paths)]
