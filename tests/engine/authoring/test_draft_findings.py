"""The checks of a draft: what blocks it, what to look at again, and what was not looked at."""

import pytest
from hypothesis import given

from engine.authoring.checks.award_costs import worst_day
from engine.authoring.checks.draft_findings import Severity, draft_findings
from engine.authoring.checks.finished_document import finished_document
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow, LogicBlock
from engine.authoring.tree.operations import apply
from engine.documents.document import Document
from engine.rules.parse_documents import parse_documents
from engine.vocabulary.fact import Catalogue
from tests.engine.authoring import trees
from tests.engine.language import rules

AMOUNT, COUNTRY = "event.properties.amount", "event.properties.country"
LIVE = [*rules.CONTRACT, rules.EVENT_TYPE]
BADGE = {"kind": "badge", "key": "big", "name": "Big", "trigger": {"events": ["order_placed"]}, "tier": "gold"}
EARNING = {**BADGE, "kind": "earning", "grant": {"xp": 50}}
del EARNING["tier"]


def row(fact, operator, value=None, node_id="c1"):
    return ConditionRow(node_id, fact, operator, value)


def findings_of(document, *rows, others=LIVE, missing=None):
    catalogue = Catalogue.from_documents([*others, document])
    return draft_findings(document, ConditionGroup(rows=rows), catalogue, others, missing)


def codes(document, *rows, **beside):
    return [(finding.code, finding.node or finding.field) for finding in findings_of(document, *rows, **beside).all]


def test_a_sound_rule_has_no_findings():
    assert codes(BADGE, row(AMOUNT, "at_least", 50)) == []


@given(trees.trees)
def test_a_draft_without_errors_is_admitted_as_a_document(tree):
    catalogue = Catalogue.from_documents([*LIVE, BADGE])
    document = finished_document(BADGE, tree)
    is_admitted = isinstance(next(iter(parse_documents([document], LIVE))), Document)
    errors = draft_findings(BADGE, tree, catalogue, LIVE).errors
    assert is_admitted or errors
    assert not is_admitted or all(error.code == "incomplete" for error in errors)


@pytest.mark.parametrize(
    ("node", "code", "words"),
    [
        (row(AMOUNT, "at_least"), "incomplete", "1: give a value"),
        (row("metric.nowhere.total", "at_least", 1), "condition", "1: unknown metric 'nowhere'"),
        (row(AMOUNT, "is", "many"), "condition", "amount is a number"),
        (row(COUNTRY, "is", "FR"), "condition", "'FR' is no value of country"),
        (row("player.badges", "contains", "nowhere"), "condition", "unknown badge 'nowhere'"),
    ],
)
def test_an_error_in_a_row_is_reported_at_the_row(node, code, words):
    error = findings_of(BADGE, node).errors[0]
    assert (error.code, error.node) == (code, "c1")
    assert words in error.text


def test_an_error_in_a_field_is_reported_at_the_field():
    errors = findings_of({**BADGE, "name": "", "tier": "wood"}, row(AMOUNT, "at_least", 5)).errors
    assert {error.field for error in errors} == {"/name", "/tier"}


@pytest.mark.parametrize("required", ["other", "big"])
def test_badges_that_require_each_other_or_themselves_are_refused(required):
    other = {**BADGE, "key": "other", "condition": {"in": ["big", {"var": "player.badges"}]}}
    errors = findings_of(BADGE, row("player.badges", "contains", required), others=[*LIVE, other]).errors
    assert [(error.code, error.node) for error in errors] == [("cycle", "c1")]


def test_a_rule_with_the_same_condition_as_another_is_reported():
    other = {**BADGE, "key": "other", "name": "Other", "condition": {">=": [{"var": AMOUNT}, 50]}}
    findings = findings_of(BADGE, row(AMOUNT, "at_least", 50), others=[*LIVE, other]).all
    assert [finding.text for finding in findings] == ["Asks the same as Other. Players get two badges at once."]


def test_a_ladder_of_badges_is_a_tip_and_crossing_ones_are_a_warning():
    ladder = {**BADGE, "key": "other", "name": "Other", "condition": {">=": [{"var": AMOUNT}, 10]}}
    crossing = {**ladder, "condition": {"<=": [{"var": AMOUNT}, 90]}}
    severities = [
        findings_of(BADGE, row(AMOUNT, "at_least", 50), others=[*LIVE, other]).all[0].severity
        for other in (ladder, crossing)
    ]
    assert severities == [Severity.TIP, Severity.WARNING]


def test_rules_that_exclude_each_other_do_not_overlap():
    other = {**BADGE, "key": "other", "name": "Other", "condition": {"<": [{"var": AMOUNT}, 50]}}
    assert codes(BADGE, row(AMOUNT, "at_least", 50), others=[*LIVE, other]) == []


def test_the_contents_of_a_block_are_not_analysed():
    block = LogicBlock("c1", {">": [{"+": [{"var": AMOUNT}, 1]}, 5]})
    other = {**BADGE, "key": "other", "condition": None}
    assert findings_of(BADGE, block, others=[*LIVE, other]).not_analysed == (
        "the contents of the advanced block 1",
        "overlap with 2 rules that cannot be compared",
    )


@pytest.mark.parametrize(
    ("changes", "codes_found"),
    [
        ({}, ["cost_unbounded"]),
        ({"limits": {"max_xp_per_day": 500}}, []),
        ({"limits": {"once_per": [COUNTRY]}}, []),
        ({"limits": {"cooldown_seconds": 3600}}, []),
        ({"grant": {"xp": {"var": AMOUNT}}, "limits": {"cooldown_seconds": 3600}}, ["cost_unbounded"]),
        ({"grant": {"xp": {"min": [{"var": AMOUNT}, 90]}}, "limits": {"cooldown_seconds": 3600}}, []),
    ],
)
def test_an_unbounded_cost_is_reported(changes, codes_found):
    assert [code for code, _ in codes({**EARNING, **changes}, row(AMOUNT, "at_least", 5))] == codes_found


def test_an_amount_without_facts_is_calculated():
    document = {**EARNING, "grant": {"xp": {"*": [50, 2]}}}
    (finding,) = (
        finding
        for finding in draft_findings(document, ConditionGroup(), rules.CATALOGUE).all
        if finding.code == "cost_unbounded"
    )
    assert "It gives 100 each time" in finding.text
    assert worst_day({**document, "limits": {"cooldown_seconds": 3600}}, "xp") == 100 * 25


def test_the_worst_day_is_the_amount_as_often_as_the_pause_allows():
    assert worst_day({**EARNING, "limits": {"cooldown_seconds": 3600}}, "xp") == 50 * 25


def test_a_fact_that_is_often_missing_is_reported_with_its_fix():
    tree = ConditionGroup(rows=(row(AMOUNT, "at_least", 5),), made=1)
    tip = draft_findings(BADGE, tree, rules.CATALOGUE, LIVE, {AMOUNT: 0.38}).all[0]
    assert tip.text == "Amount is missing in 38 % of events: 1 does not hold for them"
    mended = apply(tree, tip.fix, rules.CATALOGUE).tree
    assert draft_findings(BADGE, mended, rules.CATALOGUE, LIVE, {AMOUNT: 0.38}).all == ()


@given(trees.trees)
def test_every_fix_can_be_applied(tree):
    catalogue = Catalogue.from_documents([*LIVE, BADGE])
    fixes = [finding.fix for finding in draft_findings(BADGE, tree, catalogue, LIVE, {AMOUNT: 0.5}).all if finding.fix]
    for fix in fixes:
        assert apply(tree, fix, catalogue).tree != tree
