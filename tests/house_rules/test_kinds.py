"""What is particular to a kind of rule is said in `engine/kinds` alone: no other module decides by the name of one."""

import ast

import pytest

from engine.kinds import KINDS
from tests.house_rules.tree import ROOT, breaches, modules

ALLOWED = {
    "engine/vocabulary/known_facts.py",  # facts are offered below the kinds: which documents bring them stands there
    "engine/language/check.py",  # `metric`, `streak` and `mission` begin the paths of facts
    "engine/scoring/evaluation_context.py",  # so they do here
    "engine/scoring/rulebook/lookback.py",  # and here
    "webapp/services/backtest/tally.py",  # a grant has a member `coupon_pool`
    "webapp/services/rewards/decide_redemption.py",  # a reward is fulfilled by a `coupon_pool`
}


def is_kind(node):
    return isinstance(node, ast.Constant) and node.value in KINDS


def names_only_kinds(node):
    """Whether a list, a tuple, a set or the keys of a dict are kinds and nothing else, and more than one."""
    names = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", [])
    return len(names) > 1 and all(is_kind(name) for name in names)


def is_decision(node):
    """Whether this compares with the name of a kind, matches it, or lists such names."""
    if isinstance(node, ast.Compare):
        return any(map(is_kind, [node.left, *node.comparators]))
    return names_only_kinds(node) or (isinstance(node, ast.MatchValue) and is_kind(node.value))


def decides_by_kind(text):
    """The lines with a decision by the name of a kind."""
    return sorted({node.lineno for node in ast.walk(ast.parse(text)) if is_decision(node)})


def test_no_module_outside_the_kinds_decides_by_the_name_of_one():
    others = [path for path in modules() if not path.is_relative_to(ROOT / "engine/kinds")]
    assert breaches(others, decides_by_kind).keys() <= ALLOWED


def test_every_exception_is_still_needed():
    assert all(decides_by_kind((ROOT / name).read_text()) for name in ALLOWED)


@pytest.mark.parametrize(
    "breach",
    [
        'if raw["kind"] == "boost": pass',
        'if "mission" != kind: pass',
        'is_wanted = kind in ("badge", "earning")',
        'ICONS = {"badge": "award", "earning": "coin"}',
        'match kind:\n    case "metric" | "streak": pass',
    ],
)
def test_a_planted_decision_by_the_name_of_a_kind_is_found(breach):
    assert decides_by_kind(breach) != []


def test_a_member_named_like_a_kind_is_not_a_decision():
    assert decides_by_kind('row = {"brand": brand, "won": True}\npool = grant.get("coupon_pool")') == []
