"""What evaluating a rule costs, counted in steps: the same number on every machine, however busy it is.

A step is 100 ns at most: what it takes to look at one plain value and to compare it. What does not depend on the facts
is added up when a rule is compiled; the rest is charged while it runs, by the lengths of the lists and texts that it
goes through. A count may be too high, since an iterator can stop early, but never depends on where.
"""

from typing import Any, Final

from engine.language import semantics
from engine.language.facts import Facts
from engine.language.operators import OperatorFamily
from engine.language.parse import Literal, Node, Op

ARITHMETIC_STEPS: Final = 15
"""Decimal arithmetic with one operand."""
COMPARISON_STEPS: Final = 4
"""A comparison of two values neither of which is written in the rule."""
ITEM_STEPS: Final = 1
MEMBER_STEPS: Final = 3
"""A comparison with one member of a list in which something is looked for."""
TEXT_CHARACTERS_PER_STEP: Final = 8


def steps_of(node: Node) -> int:
    """What evaluating `node` once costs at most, but for the items of lists and the texts that it goes through."""
    if not isinstance(node, Op):
        return 1
    family = node.operator.family
    if family is OperatorFamily.ITERATOR:
        return 1 + steps_of(node.args[0])
    below = sum(steps_of(arg) for arg in node.args)
    if family is OperatorFamily.ARITHMETIC:
        return below + ARITHMETIC_STEPS * len(node.args)
    if family in (OperatorFamily.EQUALITY, OperatorFamily.ORDER):
        return below + (1 if any(isinstance(arg, Literal) for arg in node.args) else COMPARISON_STEPS)
    if family is OperatorFamily.MEMBERSHIP:
        return below + _written_numbers(node.args[1])
    return below + 1


def steps_for_each_item(iterator: Op) -> int:
    """What an iterator costs for each item of its list."""
    return ITEM_STEPS + steps_of(iterator.args[1])


def _written_numbers(haystack: Node) -> int:
    """Texts in a written list are looked up, numbers are compared one by one."""
    if isinstance(haystack, Literal) and type(haystack.value) is tuple:
        return 1 + sum(type(value) is not str for value in haystack.value)
    return 1


def charged_list(facts: Facts, value: Any, steps: int) -> Any:
    """`value`, if it is a list that may be walked, after charging so many steps for each item; else None."""
    items = semantics.listed(value)
    if items is not None:
        facts.steps += steps * len(items)
    return items


def charged_inside(facts: Facts, needle: Any, haystack: Any) -> bool:
    """Whether `needle` is in `haystack`, after charging for the length of the list or text."""
    if type(haystack) is str:
        facts.steps += len(haystack) // TEXT_CHARACTERS_PER_STEP
    elif type(haystack) is list or type(haystack) is tuple:
        facts.steps += MEMBER_STEPS * min(len(haystack), semantics.MEMBERS_MAX)
    return semantics.inside(needle, haystack)
