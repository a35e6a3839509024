"""Whatever a draft reads that events never carry is named in a warning: in conditions, amounts, limits and measures."""

import pytest

from engine.authoring.checks.draft_findings import Severity, draft_findings
from engine.authoring.forms.forms import add_to_table, blank_document
from engine.authoring.forms.row_options import operators_for, widget
from engine.authoring.forms.typed_values import parse_value
from engine.authoring.tree.nodes import ConditionGroup, ConditionRow
from engine.authoring.tree.operations import apply
from engine.documents.fields import TABLE_WIDGETS, all_fields, with_member
from engine.kinds import KINDS
from tests.engine.authoring.form_drafts import CATALOGUE, OTHERS, fields_of
from tests.engine.authoring.test_offers import TYPED

NEVER = "event.properties.difficulty"
FACT = {"var": NEVER}
AMOUNTS = [FACT, {"*": [5, FACT]}, {"+": [50, {"*": [5, FACT]}]}, {"min": [{"+": [FACT, 1]}, 9]}, {"*": [FACT, FACT]}]
UNAFFECTED = [
    5,
    {"var": [NEVER, 1]},
    {"+": [5, {"var": "player.level"}]},
    {"if": [{"missing": [NEVER]}, 5, {"var": NEVER}]},
    {"if": [{">": [{"var": "player.level"}, 3]}, {"var": NEVER}, 5]},
]


def warnings_of(document, tree=ConditionGroup(), share=1.0):  # noqa: B008 — immutable
    found = draft_findings(document, tree, CATALOGUE, OTHERS, {NEVER: share}).all
    return [finding for finding in found if finding.code == "often_missing"]


def drafts_with(is_wanted):
    for kind in KINDS:
        document = blank_document(kind, "Some name", "some_key")
        for table in (field for field in all_fields(KINDS[kind].form) if field.widget in TABLE_WIDGETS):
            document = add_to_table(document, table.pointer, "new_one")
        yield from ((document, at) for at, field in fields_of(kind, document) if is_wanted(field))


@pytest.mark.parametrize("amount", AMOUNTS, ids=str)
def test_an_amount_that_cannot_be_paid_is_reported_at_its_field_in_every_kind(amount):
    places = list(drafts_with(lambda field: field.widget == "amount"))
    assert {document["kind"] for document, _ in places} >= {"badge", "earning", "mission", "levels"}
    for document, at in places:
        (warning,) = warnings_of(with_member(document, at, amount))
        assert (warning.severity, warning.field) == (Severity.WARNING, at)
        assert "Difficulty is missing in 100 % of events, so nothing is given for them" in warning.text


@pytest.mark.parametrize("amount", UNAFFECTED, ids=str)
def test_an_amount_that_can_be_paid_is_not(amount):
    for document, at in drafts_with(lambda field: field.widget == "amount"):
        assert warnings_of(with_member(document, at, amount)) == []


def test_an_amount_that_is_sometimes_not_paid_says_how_often():
    (warning,) = warnings_of({**blank_document("earning", "E", "e"), "grant": {"xp": FACT}}, share=0.4)
    assert "40 %" in warning.text


def test_what_once_per_and_a_metric_read_is_reported_too():
    for document, at in drafts_with(lambda field: field.choices_from in ("once_per", "properties")):
        value = [NEVER] if document["kind"] == "earning" else "difficulty"
        measured = {**document, "aggregate": "sum"} if document["kind"] == "metric" else document
        assert [warning.field for warning in warnings_of(with_member(measured, at, value))] == [at]


@pytest.mark.parametrize("operator", [offer.key for offer in operators_for(CATALOGUE.fact(NEVER))])
def test_a_row_that_reads_what_is_never_there_is_a_warning_without_a_useless_fix(operator):
    fact = CATALOGUE.fact(NEVER)
    value = parse_value(fact, operator, TYPED[widget(fact, operator)])
    tree = ConditionGroup(rows=(ConditionRow("c1", NEVER, operator, value),), made=1)
    (warning,) = warnings_of(blank_document("badge", "B", "b"), tree)
    assert (warning.severity, warning.node, warning.fix) == (Severity.WARNING, "c1", None)
    wrapped = apply(tree, {"op": "or_not_set", "id": "c1"}, CATALOGUE).tree if operator != "is_not_set" else tree
    assert warnings_of(blank_document("badge", "B", "b"), wrapped)


def test_a_fact_that_a_row_compares_with_is_reported():
    tree = ConditionGroup(rows=(ConditionRow("c1", "player.xp", "at_least", {"fact": NEVER}),), made=1)
    assert [warning.node for warning in warnings_of(blank_document("badge", "B", "b"), tree)] == ["c1"]
