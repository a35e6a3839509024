"""Admits a rule to the safe profile, or says where it is not admitted and why. Nothing else reaches an evaluator."""

from enum import StrEnum
from typing import Any

from engine.language.emit import is_outcome
from engine.language.facts import Facts, MissingFact
from engine.language.interpret import value_of
from engine.language.operators import OperatorFamily
from engine.language.parse import Literal, Node, Op, Var, parse, walk
from engine.language.semantics import is_number
from engine.language.value_kinds import BOOLEAN, LISTS, NUMBER, WORDS, fits, has_order, item_of, written
from engine.vocabulary.fact import EVENT_PROPERTY, NAMED_BY_RULES, PLAYER_ATTRIBUTE, Catalogue, Fact, FactType
from engine.vocabulary.problem import Problem, pointer


class Scope(StrEnum):
    """What a rule is used for, which decides what it may read and what it must result in."""

    CONDITION = "condition"
    METRIC_FILTER = "metric_filter"
    FORMULA = "formula"
    LEVEL = "level"


# Metrics are measured before anything else is known about an entry, and counted again from events alone.
_FILTER_PATHS = ("event.", PLAYER_ATTRIBUTE)
LEVEL_FACT = "player.xp"
ITEM_CALCULATIONS_MAX = 4
"""How often a rule may calculate with each item of its lists, all its iterators together."""
_CHOICES_LISTED = 12
_ONCE_PER_PATHS = ("event.", PLAYER_ATTRIBUTE, "time.")


def check(logic: Any, catalogue: Catalogue, *, allowed: Scope, at: str = "") -> list[Problem]:
    """Every reason why `logic` is not admitted as `allowed`; none if it is. `at` points at it in its document."""
    node, problems = parse(logic, at)
    if node is None:
        return problems
    checker = _Checker(catalogue, allowed)
    if allowed in (Scope.FORMULA, Scope.LEVEL):
        checker.amount(node)
        checker.refuse_negative(node)
    else:
        checker.condition(node)
    return checker.problems


def is_once_per_path(path: str) -> bool:
    """Whether `once_per` may name this fact: only what is known before an entry is judged."""
    return path.startswith(_ONCE_PER_PATHS)


class _Checker:
    """Walks a parsed rule, describes every operand as a `Fact` and notes what does not fit or may not be read.

    `item` describes the items of the list while the body of an iterator is checked.
    """

    def __init__(self, catalogue: Catalogue, allowed: Scope) -> None:
        self.catalogue = catalogue
        self.allowed = allowed
        self.problems: list[Problem] = []
        self.item: Fact | None = None
        self.calculations_by_item = 0

    def refuse(self, at: str, message: str) -> None:
        """Note one problem."""
        self.problems.append(Problem(at, message))

    def condition(self, node: Node) -> None:
        """Check what must be true or false."""
        if isinstance(node, Literal) and not isinstance(node.value, bool):
            return self.refuse(node.path, "must be a condition, not a plain value")
        fact = self.describe(node)
        if isinstance(node, Op) and fact is not None and fact.type is FactType.NUMBER:
            self.refuse(node.at, "must be a condition, not a number")
        return None

    def amount(self, node: Node) -> None:
        """Check what must be a number."""
        if isinstance(node, Literal) and node.value is None:
            return self.refuse(node.path, "must be a number, not null")
        fact = self.describe(node)
        if fact is not None and fact.type not in (FactType.NUMBER, FactType.UNKNOWN):
            return self.refuse(node.path, f"must be a number; {fact.label} is {WORDS[fact.type]}")
        if isinstance(node, Op) and node.operator.family is OperatorFamily.CHOICE and len(node.args) % 2 == 0:
            self.refuse(node.at, "must say which number it is otherwise")
        return None

    def refuse_negative(self, node: Node) -> None:
        """An amount that is always negative is a mistake; one that may become negative counts as 0."""
        for outcome in _outcomes(node):
            if any(isinstance(part, Var) or _asks_absence(part) for part in walk(outcome)):
                continue  # it depends on facts
            value = self.constant(outcome)
            if is_number(value) and value < 0:
                self.refuse(outcome.path, f"the amount is always negative ({value})")

    def describe(self, node: Node) -> Fact | None:
        """Check `node` and describe its result; None if that is unknown, which has been noted."""
        if isinstance(node, Literal):
            return written(node.value)
        if isinstance(node, Var):
            return self._var(node)
        result: Fact | None = getattr(self, f"_{node.operator.family}")(node)
        return result

    def constant(self, node: Node) -> Any:
        """The value of a part that reads no fact; None if it has none."""
        try:
            return value_of(node, Facts())
        except MissingFact:
            return None

    def _fact(self, path: str, at: str) -> Fact | None:
        """The fact at `path`; None after noting why there is none."""
        fact = self.catalogue.fact(path)
        if fact is None:
            self.refuse(at, unknown_fact_message(path, self.catalogue))
        elif self.allowed is Scope.METRIC_FILTER and not path.startswith(_FILTER_PATHS):
            self.refuse(at, f"{path}: the filter of a metric may ask about the event and player.attributes.* only")
        elif self.allowed is Scope.LEVEL and path != LEVEL_FACT:
            self.refuse(at, f"{path}: levels go by {LEVEL_FACT} alone")
        return fact

    def _var(self, node: Var) -> Fact | None:
        fact = self._part_of_item(node) if node.of_item else self._fact(node.fact, node.path)
        default = written(node.default)
        if fact and default and not fits(fact, default, node.default):
            message = f"the default is {WORDS[default.type]}, {fact.label} is {WORDS[fact.type]}"
            self.refuse(pointer(node.path, "var", 1), message)
        return fact

    def _part_of_item(self, node: Var) -> Fact | None:
        assert self.item is not None
        if not node.fact:
            return self.item
        if self.item.type is FactType.TEXT:
            self.refuse(node.path, "the items are plain texts and have no parts; use ''")
            return None
        return Fact("", node.fact, FactType.UNKNOWN)

    def _group(self, node: Op) -> Fact:
        for arg in node.args:
            self.condition(arg)
        return BOOLEAN

    _negation = _group

    def _choice(self, node: Op) -> Fact | None:
        outcomes = []
        for index, arg in enumerate(node.args):
            if is_outcome(node, index):
                outcomes.append(self.describe(arg))
            else:
                self.condition(arg)
        typed = [fact for fact in outcomes if fact and fact.type is not FactType.UNKNOWN]
        if any(fact.type != typed[0].type for fact in typed):
            types = " and ".join(sorted({WORDS[fact.type] for fact in typed}))
            self.refuse(node.at, f"results in {types}; all results must be of one type")
        return typed[0] if typed else Fact("", "the result", FactType.UNKNOWN)

    def _equality(self, node: Op) -> Fact:
        for arg in node.args:
            if isinstance(arg, Literal) and arg.value is None:
                self.refuse(node.at, f"{node.name!r} cannot compare with null; use 'missing'")
                return BOOLEAN
        left, right = (self._single_value(arg, node) for arg in node.args)
        if left and right:
            self._check_comparable(node, (left, right))
        return BOOLEAN

    def _single_value(self, node: Node, of: Op) -> Fact | None:
        """Describe an operand that must not be a list."""
        fact = self.describe(node)
        if fact and fact.type in LISTS:
            self.refuse(of.at, f"{of.name!r} cannot compare a list; use 'in' or 'some'")
            return None
        return fact

    def _check_comparable(self, node: Op, facts: tuple[Fact, Fact]) -> None:
        left, right = facts
        for fact, other, other_node in ((left, right, node.args[1]), (right, left, node.args[0])):
            if isinstance(other_node, Literal) and not self._is_value_for(node, fact, other, other_node.value):
                return
        if not any(isinstance(arg, Literal) for arg in node.args) and not fits(left, right, None):
            self.refuse(node.at, f"compares {WORDS[left.type]} ({left.label}) with {WORDS[right.type]}")

    def _is_value_for(self, node: Op, fact: Fact, literal: Fact, value: Any) -> bool:
        """Whether a written value, described by `literal`, is of the fact's type; also checks its choices."""
        if not fits(fact, literal, value):
            self.refuse(node.at, f"{fact.label} is {WORDS[fact.type]}, {value!r} is {WORDS[literal.type]}")
            return False
        self._check_choice(node, fact, value)
        return True

    def _check_choice(self, node: Op, fact: Fact, value: Any) -> None:
        if not fact.is_closed or value in fact.choices:
            return None
        if fact.path in NAMED_BY_RULES:
            return self.refuse(node.at, f"unknown {fact.label.removesuffix('s')} {value!r}")
        choices = ", ".join(map(str, fact.choices[:_CHOICES_LISTED]))
        self.refuse(node.at, f"{value!r} is no value of {fact.label}; it is one of: {choices}")
        return None

    def _order(self, node: Op) -> Fact:
        facts = [self.describe(arg) for arg in node.args]
        for arg, fact in zip(node.args, facts, strict=True):
            if fact is None and not (isinstance(arg, Literal) and arg.value is None):
                return BOOLEAN
            if fact is None or not has_order(fact, arg):
                word = "null" if fact is None else WORDS[fact.type]
                self.refuse(node.at, f"{node.name!r} compares numbers or dates (2026-11-20), not {word}")
                return BOOLEAN
        types = {fact.type for fact in facts if fact}
        if FactType.NUMBER in types and types & {FactType.TEXT, FactType.DATE}:
            self.refuse(node.at, f"{node.name!r} compares a number with a text")
        return BOOLEAN

    def _membership(self, node: Op) -> Fact:
        needle, haystack = node.args
        sought, searched = self._single_value(needle, node), self.describe(haystack)
        if isinstance(needle, Literal) and needle.value is None:
            self.refuse(node.at, "'in' cannot look for null")
        elif isinstance(haystack, Literal) and isinstance(haystack.value, tuple):
            self._check_written_list(node, sought, haystack.value)
        elif searched is None or searched.type not in (*LISTS, FactType.TEXT, FactType.UNKNOWN):
            self.refuse(node.at, "'in' looks into a list or a text")
        elif sought and searched.type in (FactType.TEXT, FactType.TEXTS):
            self._check_sought(node, sought, searched)
        return BOOLEAN

    def _check_written_list(self, node: Op, sought: Fact | None, items: tuple[Any, ...]) -> None:
        literals = {written(item) for item in items}
        has_booleans = any(literal and literal.type is BOOLEAN.type for literal in literals)
        if len(literals) != 1 or None in literals or has_booleans:
            return self.refuse(node.at, "the list must hold numbers only or texts only, at least one")
        for item in items:
            literal = written(item)
            if sought and literal and not self._is_value_for(node, sought, literal, item):
                return None
        return None

    def _check_sought(self, node: Op, sought: Fact, searched: Fact) -> None:
        if sought.type not in (FactType.TEXT, FactType.DATE, FactType.UNKNOWN):
            return self.refuse(node.at, f"{searched.label} holds text; {WORDS[sought.type]} is never in it")
        if isinstance(node.args[0], Literal) and searched.type is FactType.TEXTS:
            self._check_choice(node, searched, node.args[0].value)
        return None

    def _arithmetic(self, node: Op) -> Fact:
        if self.item is not None:
            self._count_calculation(node)
        for arg in node.args:
            self.amount(arg)
        if node.name in "/%" and isinstance(node.args[1], Literal) and node.args[1].value == 0:
            self.refuse(node.at, "divides by zero")
        return NUMBER

    def _count_calculation(self, node: Op) -> None:
        """Decimal arithmetic costs far more than looking at a value, and an iterator repeats it for each item."""
        operations = max(1, len(node.args) - 1)
        if self.calculations_by_item <= ITEM_CALCULATIONS_MAX < self.calculations_by_item + operations:
            limit = f"more than {ITEM_CALCULATIONS_MAX} calculations in one rule"
            self.refuse(node.at, f"calculates too much with each item of a list: {limit}")
        self.calculations_by_item += operations

    def _iterator(self, node: Op) -> Fact:
        source, body = node.args
        fact = self.describe(source)
        if fact is None or fact.type not in (*LISTS, FactType.UNKNOWN):
            self.refuse(pointer(node.at, 0), f"{node.name!r} reads a list")
        else:
            self.item = item_of(fact)
            self.condition(body)
            self.item = None
        return Fact("", "the list", FactType.LIST) if node.name == "filter" else BOOLEAN

    def _absence(self, node: Op) -> Fact:
        for arg in node.args:
            if isinstance(arg, Literal) and isinstance(arg.value, str) and arg.value:
                self._fact(arg.value, arg.path)
            else:
                self.refuse(arg.path, "'missing' takes the names of facts as plain text")
        return Fact("", "what is missing", FactType.TEXTS)


def _asks_absence(node: Node) -> bool:
    return isinstance(node, Op) and node.operator.family is OperatorFamily.ABSENCE


def _outcomes(node: Node) -> list[Node]:
    """What a formula may result in: itself, or the results of a choice."""
    if not isinstance(node, Op) or node.name != "if":
        return [node]
    results = [arg for index, arg in enumerate(node.args) if is_outcome(node, index)]
    return [outcome for result in results for outcome in _outcomes(result)]


def unknown_fact_message(path: str, catalogue: Catalogue) -> str:
    """The message for a path that names no fact, with what might have been meant."""
    steps = path.split(".")
    if len(steps) == 3 and steps[0] in _FIRST_FACT:
        head, key, _ = steps
        first = _FIRST_FACT[head]
        if f"{head}.{key}.{first}" in catalogue.known:
            return f"unknown fact {path!r}: {_FACTS_OF_KIND[head]}"
        keys = (known.split(".")[1] for known in catalogue.known if known.startswith(head) and known.endswith(first))
        return f"unknown {head} {key!r}{catalogue.did_you_mean(key, keys)}"
    if path.startswith((EVENT_PROPERTY, PLAYER_ATTRIBUTE)):
        return f"{path!r} names no property: each step between the dots needs a name"
    return f"unknown fact {path!r}{catalogue.did_you_mean(path, (fact.path for fact in catalogue.facts()))}"


_FIRST_FACT = {"metric": "total", "streak": "current", "mission": "progress"}
_FACTS_OF_KIND = {
    "metric": "a metric has total, today, this_week, this_month and last_1_days to last_90_days",
    "streak": "a streak has current and longest",
    "mission": "a mission has progress and completed",
}
