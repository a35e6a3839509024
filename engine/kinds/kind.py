"""The description of one kind of rule document, and its parts."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, TypeAlias

from engine.documents.condition_places import LogicPlace, own_places
from engine.documents.document import Raw
from engine.documents.fields import FormSection
from engine.documents.shape import ShapeCheck
from engine.language.words.clauses import ClauseWords
from engine.scoring.evaluation_context import EvaluationContext
from engine.scoring.rulebook.compiled_rules import CompiledRule
from engine.scoring.rulebook.rulebook import Rulebook, RuleVersion
from engine.vocabulary.fact import Catalogue
from engine.vocabulary.moment import Moments
from engine.vocabulary.problem import Problem
from engine.vocabulary.prospect import DocumentStanding, Obstacle

OwnCheck: TypeAlias = Callable[[Raw, str], Iterator[Problem]]
"""Finds the problems of one document at a JSON pointer."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The documents that a document can refer to: their kinds by key, those that grant something, and their facts."""

    kind_by_key: Mapping[str, str]
    granting: Mapping[str, str]
    catalogue: Catalogue

    def keys_of(self, kind: str) -> Iterator[str]:
        """The keys of the documents of one kind."""
        return (key for key, known in self.kind_by_key.items() if known == kind)

    def lacks(self, kind: str, key: str, at: str) -> Iterator[Problem]:
        """A problem at `at` where `key` is not the key of a document of this kind."""
        if self.kind_by_key.get(key) != kind:
            named = kind.replace("_", " ")
            yield Problem(at, f"unknown {named} {key!r}{self.catalogue.did_you_mean(key, self.keys_of(kind))}")


class Listening(Enum):
    """Which events change what a document gives or counts."""

    NONE = auto()
    NAMED = auto()
    EVERY = auto()


@dataclass(frozen=True, slots=True)
class Overlap:
    """How two rules of a kind are compared when one player can meet the conditions of both.

    `consequence` says what happens then. Where `needs_same_event`, rules for different events do not overlap.
    """

    consequence: str
    is_serious: bool = False
    needs_same_event: bool = True


@dataclass(frozen=True, slots=True)
class DailyCost:
    """How often a day one player can receive what a rule grants, and how its author can bound that.

    `times_a_day` returns None if nothing bounds it. `advice` takes the currency and the most that the rule gives at
    once, None if that grows with facts. `field` is the pointer of the member that bounds it.
    """

    times_a_day: Callable[[Raw], int | None]
    advice: Callable[[str, float | None], str]
    field: str | None


def _no_problems(_raw: Raw, _at: str) -> Iterator[Problem]:
    yield from ()


def _no_references(_raw: Raw, _at: str, _neighbours: Neighbours) -> Iterator[Problem]:
    yield from ()


def _no_joint_problems(_documents: Sequence[Raw]) -> OwnCheck:
    return _no_problems


def _nothing(_raw: Raw) -> Iterable[str]:
    return ()


def _multiplies_nothing(_raw: Raw, _key: str) -> bool:
    return False


def _no_obstacles(_context: EvaluationContext, _rule: CompiledRule) -> Iterator[Obstacle]:
    yield from ()


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of rule document: its shape, its form, its words, its problems, and what becomes of it in a rulebook.

    Documents, checks, forms, sentences, the rulebook, the pages and the OpenAPI description all ask here.
    """

    key: str
    icon: str
    purpose: str
    """What authors read when they choose the kind of a new rule."""
    shape: ShapeCheck
    form: tuple[FormSection, ...]

    tab: str = ""
    """The heading of its own tab above the list of rules; without it, its rules are listed among the others."""
    first_members: Mapping[str, Any] = field(default_factory=dict)
    """What a new document holds besides the defaults of its form."""
    sentence: Callable[[Raw, ClauseWords], str] | None = None
    """The rule in one sentence, without capital and full stop; without it the description is read."""

    consistency: OwnCheck = _no_problems
    """Problems of one document beyond its shape."""
    references: Callable[[Raw, str, Neighbours], Iterator[Problem]] = _no_references
    """Problems of keys and facts that a document refers to and that do not exist."""
    joint_problems: Callable[[Sequence[Raw]], OwnCheck] = _no_joint_problems
    """Problems that show only in all documents together: takes all of them once, returns a check of one document."""
    places: Callable[[Raw, str], Iterator[LogicPlace]] = own_places
    """Where a document holds conditions and formulas."""
    allows_player_zone: bool = False
    """Whether its time zone may be the player's own."""
    needs_condition: bool = False
    """Whether a document without a condition is a mistake, such as a segment of all players."""
    is_single: bool = False
    """Whether only one document of the kind may be live, because a player has only one level or state."""

    compile: Callable[[RuleVersion, Rulebook], None] | None = None
    """Adds a version to the rulebook; None where it changes nothing when an event is judged."""
    listening: Listening = Listening.NONE
    """Which events change what its documents give or count."""
    decides_which_events_count: bool = False
    """Whether it can prevent an event from counting, so that no history can be folded without it."""
    judges_events: bool = False
    """Whether its condition is judged for each event it listens to, and decides what the rule gives."""
    obstacles: Callable[[EvaluationContext, CompiledRule], Iterator[Obstacle]] = _no_obstacles
    """What keeps a rule of the kind from awarding any event of a moment, beside its dates."""
    standing: Callable[[EvaluationContext, str, Moments], DocumentStanding] | None = None
    """How a document stands for a player at a moment, by its key; for kinds that no event is judged by."""
    grants: bool = False
    """Whether it gives XP, coins or coupons, which boosts multiply."""
    awards_past: bool = False
    """Whether a publication can award players for events before it."""
    measures_players: bool = False
    """Whether other rules read what it makes of a player's history, so that past rulebooks need it too."""
    measured_members: tuple[str, ...] = ()
    """The members that define what it counts: when one of them changes, counting starts over."""
    probe_members: Mapping[str, Any] | None = None
    """Members with which a document only judges its condition, at every event, without any limits."""
    changes_with_time: bool = False
    """Whether it changes players when time passes without events."""
    has_facts: bool = False
    """Whether each document adds its own facts, under `KIND.KEY.`."""
    provides: tuple[str, ...] = ()
    """The facts of a player that result from all documents of the kind together."""
    reads: Callable[[Raw], Iterable[str]] = _nothing
    """The facts that a document reads beside those in its conditions and formulas."""
    needs: Callable[[Raw], Iterable[str]] = _nothing
    """The keys of the documents that it cannot do without."""
    multiplies: Callable[[Raw, str], bool] = _multiplies_nothing
    """Whether a document multiplies what the rule with this key gives."""

    overlap: Overlap | None = None
    """How rules of the kind are compared with each other; None if they are not."""
    daily_cost: DailyCost | None = None
    """What bounds its grants per day; None if nothing can or needs to."""

    @property
    def is_counted(self) -> bool:
        """Whether its documents hold values that are counted from history when they are published."""
        return bool(self.measured_members)

    @property
    def name(self) -> str:
        """The kind as people read it inside a sentence."""
        return self.key.replace("_", " ")
