"""Checks report everything that is missing at once, and filling in a field leaves out those that exclude it."""

from itertools import permutations

import pytest

from engine.authoring.checks.draft_findings import draft_findings
from engine.authoring.forms.forms import add_to_table, blank_document, member_at, read_field
from engine.authoring.tree.nodes import ConditionGroup
from engine.documents.fields import TABLE_WIDGETS, all_fields
from engine.kinds import KINDS
from tests.engine.authoring.form_drafts import CATALOGUE, OTHERS, drafts_of, fields_of, texts_of

EXCLUDING = ("cannot be combined", "must be empty")


def errors_of(document):
    found = draft_findings(document, ConditionGroup(), CATALOGUE, OTHERS)
    return {(error.field, error.text) for error in found.errors}


def depending_on(at, kind):
    """The fields that are shown for some values of this one only: a choice may ask for what it needs."""
    return [field.pointer for field in all_fields(KINDS[kind].form) if field.when and field.when[0] == at]


@pytest.mark.parametrize("kind", KINDS)
def test_mending_one_error_never_uncovers_another(kind):
    for document in drafts_of(kind):
        before, fields = {at for at, _ in errors_of(document)}, dict(fields_of(kind, document))
        for at in before & set(fields):
            for text in texts_of(fields[at], document)[:3]:
                # Two members that are there may contradict each other: the error names the one that was filled in.
                beside = f"“{fields[at].label}”"
                uncovered = {field for field, words in errors_of(read_field(document, at, text)) if beside not in words}
                assert uncovered <= {*before, at, *depending_on(at, kind)}, (document, at, text)


@pytest.mark.parametrize("kind", KINDS)
def test_filling_in_one_field_never_makes_it_contradict_another(kind):
    document = blank_document(kind, "Some name", "some_key")
    for table in (field for field in all_fields(KINDS[kind].form) if field.widget in TABLE_WIDGETS):
        document = add_to_table(document, table.pointer, "new_one")
    for (first, one), (second, other) in permutations(fields_of(kind, document), 2):
        for text in texts_of(one, document)[-2:]:
            before = read_field(document, first, text)
            if second in dict(fields_of(kind, before)):
                after = read_field(before, second, texts_of(other, before)[0])
                assert not [text for _, text in errors_of(after) if any(words in text for words in EXCLUDING)]


def test_a_new_metric_says_at_once_that_it_has_no_name_no_events_and_no_property():
    fresh = read_field(blank_document("metric", key="some_key"), "/aggregate", "distinct")
    assert errors_of(fresh) == {
        ("/events", "Which events count: is required"),
        ("/name", "Name: must have 1 to 120 characters"),
        ("/property", "Of the property: is required for “How many different values”"),
    }


def test_a_step_says_at_once_all_that_it_lacks():
    fresh = add_to_table(blank_document("lifecycle", key="some_key"), "/transitions")
    assert errors_of(fresh) == {
        ("/name", "Name: must have 1 to 120 characters"),
        ("/transitions/0/to", "Step 1, To: is required"),
        ("/transitions/0/after_days_inactive", "Step 1: must have “After” or “Or when”"),
    }


def test_levels_are_made_by_a_formula_or_by_thresholds():
    fresh = blank_document("levels", "Levels", "levels")
    by_formula = read_field(fresh, "/formula", "doubling")
    assert member_at(by_formula, "/thresholds") is None
    assert member_at(add_to_table(by_formula, "/thresholds"), "/formula") is None


def test_nothing_is_compared_with_what_is_not_there_yet():
    campaign = add_to_table(blank_document("campaign", "Fair", "fair"), "/games")
    until = read_field(campaign, "/games/0/ends_at", "2026-01-01T00:00")
    assert not [text for _, text in errors_of(until) if "later than" in text]
    unclear = read_field(blank_document("earning", "E", "e"), "/ends_at", "2026-01-01T00:00") | {"starts_at": "soon"}
    assert not [text for _, text in errors_of(unclear) if "later than" in text]


@pytest.mark.parametrize("kind", [kind.key for kind in KINDS.values() if kind.is_single])
def test_a_second_rule_of_a_single_kind_is_refused_however_unfinished_it_is(kind):
    live = {"kind": kind, "key": "live_one", "name": "Live one"}
    draft = blank_document(kind, "", "second_one")
    found = draft_findings(draft, ConditionGroup(), CATALOGUE, [live]).all
    assert [finding for finding in found if "there can be no second rule of its kind" in finding.text]
