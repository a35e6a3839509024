"""What the next event would bring: found by the fold itself, so that nothing is promised that does not come.

EXPECTATION.md explains what is claimed and why it is true.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from engine.kinds import KINDS
from engine.rehearsal.rehearse import dry_run
from engine.scoring import held_badges
from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.rulebook.compiled_rules import CompiledRule
from engine.scoring.rulebook.preload import Preload, preload_for
from engine.scoring.rulebook.probe import with_probes
from engine.scoring.rulebook.rulebook import Rulebook
from engine.scoring.state.calendar import local_time
from engine.scoring.state.memory import Player, State
from engine.scoring.step_budget import StepBudgetSpent
from engine.scoring.views.dependence import depends_on_event
from engine.scoring.views.obstacles import rate_obstacles, schedule_obstacles
from engine.vocabulary.entry import Entry
from engine.vocabulary.outcome import Currency, Outcome, RefusalReason
from engine.vocabulary.prospect import Expectation, Obstacle, ObstacleReason, Prospect

_REASONS = {
    RefusalReason.NOT_IN_SCHEDULE: ObstacleReason.NOT_STARTED,
    RefusalReason.LIMIT_REACHED: ObstacleReason.NOTHING_GRANTED,
    RefusalReason.INSUFFICIENT_COINS: ObstacleReason.NOTHING_GRANTED,
}
"""Reasons of refusals that have another name among the obstacles; all others have the same one."""
NEXT_EVENT_ID = "laurel.next"


def next_event(example: Entry, now: int) -> Entry:
    """An event like the example that comes now, and of which nothing was ever heard."""
    return replace(
        example, seq=0, n=0, event_id=NEXT_EVENT_ID, occurred_at=now, received_at=now, timezone=None, attributes=None
    )


Watcher: TypeAlias = Callable[[str, Mapping[str, Any]], object]
"""Called with the key of a rule that is judged, and the facts that it is judged by, which change after the call."""


@dataclass(slots=True)
class _NextEventTrial:
    """The next event, folded into a copy of the player; `outcome` is None where judging it costs too much.

    `held` says by key whether the condition held; rules that were not judged are left out.
    """

    player: Player
    event: Entry
    book: Rulebook
    outcome: Outcome | None = None
    held: dict[str, bool] = field(default_factory=dict)

    def run(self, keys: Collection[str], watch: Watcher | None) -> None:
        def callback_for(key: str) -> Callable[[Mapping[str, Any], Any], object]:
            def note(facts: Mapping[str, Any], value: Any) -> None:
                self.held[key] = bool(value)
                if watch is not None:
                    watch(key, facts)

            return note

        probes = {key: callback_for(key) for key in keys}
        try:
            self.outcome = dry_run(self.player, [self.event], with_probes(self.book, self.event.type, probes))[0]
        except StepBudgetSpent:
            self.outcome = None


def expectations(
    player: Player, event: Entry, book: Rulebook, keys: Collection[str], watch: Watcher | None = None
) -> dict[str, Expectation]:
    """What each of these rules, all of which `event` triggers, would bring next; the player stays unchanged.

    The player's memory holds what `preload_for_expectations` lists.
    """
    trial = _NextEventTrial(player, event, book)
    trial.run(keys, watch)
    copy = Player(player.number, deepcopy(player.state), player.memory)
    context = EvaluationContext(copy, event, book)
    return {key: _expectation(trial, context, book.rules[key]) for key in keys}


def preload_for_expectations(state: State, event: Entry, book: Rulebook) -> Preload:
    """What must be loaded before: what folding the event may read, and which badges of its periods are taken back."""
    preload = preload_for(state, [event], book)
    day = local_time(event.occurred_at, book.zone(state.get("tz"))).day
    for badge in book.plan(event.type).periodic_badges:
        period = held_badges.period_for(badge, event, day)
        preload.keys.add(held_badges.taken_back_key(badge.key, period))
    return preload


def _expectation(trial: _NextEventTrial, context: EvaluationContext, rule: CompiledRule) -> Expectation:
    outcome = trial.outcome
    would_award = outcome is not None and has_awarded(outcome, rule.key)
    standing = tuple(sorted(_standing_obstacles(context, rule), key=_lasting_first))
    if standing:
        prospect = Prospect.NEVER if any(obstacle.is_final for obstacle in standing) else Prospect.NO
    elif depends_on_event(rule, trial.book):
        prospect = Prospect.DEPENDS
    else:
        prospect = Prospect.YES if would_award else Prospect.NO
    if outcome is None:
        return Expectation(prospect, would_award, standing or (Obstacle(ObstacleReason.TOO_COSTLY),))
    lines = [line for line in outcome.ledger if line.rule == rule.key]
    return Expectation(
        prospect,
        would_award,
        standing or (() if would_award else tuple(_obstacles_of(outcome, rule, trial.held.get(rule.key)))),
        holds=trial.held.get(rule.key),
        xp=sum(line.amount for line in lines if line.currency is Currency.XP),
        coins=sum(line.amount for line in lines if line.currency is Currency.COINS),
        pool=next((claim.pool for claim in outcome.claims if claim.rule == rule.key), None),
    )


def _lasting_first(obstacle: Obstacle) -> tuple[bool, int]:
    return not obstacle.is_final, list(ObstacleReason).index(obstacle.reason)


def _standing_obstacles(context: EvaluationContext, rule: CompiledRule) -> Iterator[Obstacle]:
    """What keeps the rule from awarding any event of this moment that triggers it."""
    yield from schedule_obstacles(rule.schedule, context.entry.occurred_at)
    yield from rate_obstacles(context)
    yield from KINDS[rule.kind].obstacles(context, rule)


def _obstacles_of(outcome: Outcome, rule: CompiledRule, held: bool | None) -> Iterator[Obstacle]:  # noqa: FBT001
    """Why the rule gave nothing for one event; `held` says whether its condition held, None where nobody asked."""
    refusals = [refusal for refusal in outcome.not_awarded if refusal.rule == rule.key]
    for refusal in refusals:
        reason = _REASONS.get(refusal.reason) or ObstacleReason(refusal.reason)
        missing = (refusal.fact,) if refusal.fact else ()
        yield Obstacle(reason, facts=rule.once_per if reason is ObstacleReason.ONCE_PER else missing)
    if not refusals:
        yield Obstacle(ObstacleReason.NOTHING_GRANTED if held else ObstacleReason.CONDITION)


def has_awarded(outcome: Outcome, key: str) -> bool:
    """Whether a rule awarded something in an outcome: an amount, a coupon, a badge, a completed mission."""
    return (
        any(line.rule == key and line.rule_version is not None for line in outcome.ledger)
        or any(award.badge == key and award.rule_version is not None for award in outcome.badges)
        or any(claim.rule == key for claim in outcome.claims)
        or any(completion.mission == key for completion in outcome.completions)
    )
