"""Every kind has a form, and each field of it writes a member that the kind admits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.authoring.forms.choices import choices_of
from engine.authoring.forms.forms import (
    add_to_table,
    blank_document,
    change_label,
    is_shown,
    key_from_name,
    move_in_table,
    read_field,
    remove_from_table,
    tree_pointer,
)
from engine.authoring.tree.edit_result import EditRefused
from engine.documents.fields import FormField, all_fields, member_at, with_member
from engine.documents.shape import KEY
from engine.kinds import KINDS
from tests.engine.language import rules

TYPED = {
    "text": "ada",
    "lines": "For Ada.",
    "url": "https://shop.example/hook",
    "key": "ada",
    "whole": "2",
    "number": "2.5",
    "yes_no": "yes",
    "texts": "one, two",
    "moment": "2026-12-04 18:00",
    "zone": "Europe/London",
    "amount": "50",
    "icon": "flame",
}
FIELDS = [(kind, field) for kind in KINDS for field in all_fields(KINDS[kind].form)]
OTHERS = [*rules.CONTRACT, rules.EVENT_TYPE]


def typed(field: FormField, document) -> str:
    if field.widget in ("choice", "choices"):
        known = choices_of(field, document, OTHERS, rules.CATALOGUE)
        return str(known[0][0]) if known else "acme"
    return "ada-######" if field.label.endswith("attern") else TYPED[field.widget]


@pytest.mark.parametrize(("kind", "field"), FIELDS, ids=[f"{kind}{field.pointer}" for kind, field in FIELDS])
def test_a_field_writes_a_member_of_its_kind(kind, field):
    document = blank_document(kind, "Ada", "ada")
    if field.widget in ("table", "mapping"):
        changed = add_to_table(document, field.pointer, "score")
    else:
        changed = read_field(document, field.pointer, typed(field, document))
        assert member_at(changed, field.pointer) not in (None, "")
    wrong = [
        problem
        for problem in KINDS[kind].shape(changed, "")
        if problem.path.startswith(field.pointer) or "unknown" in problem.message
    ]
    assert [problem for problem in wrong if not problem.message.startswith(("is required", "must have `after"))] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_blank_document_lacks_only_what_cannot_be_guessed(kind):
    lacking = {problem.path for problem in KINDS[kind].shape(blank_document(kind, "Ada", "ada"), "")}
    assert lacking <= {"/trigger", "/events", "/condition", "", "/grant"}


@pytest.mark.parametrize(("kind", "field"), FIELDS, ids=[f"{kind}{field.pointer}" for kind, field in FIELDS])
def test_an_emptied_field_leaves_nothing_behind(kind, field):
    if field.widget in ("table", "mapping", "yes_no") or field.is_required:
        return
    document = blank_document(kind, "Ada", "ada")
    before = with_member(document, field.pointer, None)
    for excluded in field.excludes:
        before = with_member(before, excluded, None)
    assert read_field(read_field(before, field.pointer, typed(field, before)), field.pointer, "") == before


@pytest.mark.parametrize(
    ("pointer", "text", "words"),
    [
        ("/goal/target", "many", "not a number"),
        ("/goal/target", "2.5", "whole number"),
        ("/goal/target", "0", "at least 1"),
        ("/period", "year", "one from the list"),
        ("/starts_at", "soon", "date and time"),
        ("/key", "Ünder", "starts with a-z"),
        ("/kind", "badge", "no field"),
    ],
)
def test_an_invalid_value_is_refused_in_words(pointer, text, words):
    with pytest.raises(EditRefused, match=words):
        read_field(blank_document("mission", "Ada", "ada"), pointer, text)


def test_an_amount_may_be_a_number_times_a_fact():
    document = read_field(blank_document("badge"), "/grant/xp", ["50", "2 × event.properties.amount"])
    assert document["grant"]["xp"] == {"+": [50, {"*": [2, {"var": "event.properties.amount"}]}]}


def test_levels_are_added_removed_and_reordered():
    three = add_to_table(blank_document("levels"), "/thresholds")
    named = read_field(three, "/thresholds/2/name", "Legend")
    moved = move_in_table(named, "/thresholds", 2, -1)
    remaining = remove_from_table(moved, "/thresholds", "0")
    assert [level["name"] for level in remaining["thresholds"]] == ["Legend", "Expert"]


def test_a_field_of_a_row_that_is_not_there_is_refused():
    with pytest.raises(EditRefused, match="no field"):
        read_field(blank_document("levels"), "/thresholds/7/name", "Legend")


def test_states_keep_their_descriptions_when_one_is_added():
    document = {"kind": "lifecycle", "states": [{"name": "ACTIVE", "description": "plays"}], "transitions": []}
    changed = read_field(document, "/states", "ACTIVE, AWAY")
    assert changed["states"] == [{"name": "ACTIVE", "description": "plays"}, "AWAY"]


def test_a_property_is_requested_only_where_the_number_needs_one():
    field = next(field for field in all_fields(KINDS["metric"].form) if field.pointer == "/property")
    assert is_shown(field, {"kind": "metric", "aggregate": "sum"})
    assert not is_shown(field, {"kind": "metric"})


def test_the_tree_is_the_filter_of_metrics_and_the_condition_of_rules():
    assert (tree_pointer("metric"), tree_pointer("badge"), tree_pointer("levels")) == ("/filter", "/condition", None)


def test_undo_can_name_every_field():
    assert change_label({"kind": "badge"}, "/tier") == "Changed “Tier”"


@given(st.text(max_size=80), st.lists(st.sampled_from(["ada", "ada_2", "rule"])))
def test_a_key_made_of_any_name_is_valid(name, taken):
    key = key_from_name(name, taken)
    assert KEY.fullmatch(key)
    assert key not in taken


def test_a_campaign_is_entered_with_its_games_and_their_budgets():
    document = add_to_table(blank_document("campaign", "Friday", "friday"), "/games")
    document = add_to_table(document, "/games/0/budgets")
    typed_in = {
        "/games/0/name": "Friday reel",
        "/games/0/starts_at": "2026-12-04 18:00",
        "/games/0/ends_at": "2026-12-04 23:00",
        "/games/0/pacing/strategy": "odds",
        "/games/0/pacing/chance": "0.01",
        "/games/0/limits/wins_per_player": "1",
        "/games/0/budgets/0/brand": "acme",
        "/games/0/budgets/0/coupons/generate/count": "500",
        "/games/0/budgets/0/coupons/generate/pattern": "ACME-########",
    }
    for path, text in typed_in.items():
        document = read_field(document, path, text)
    assert list(KINDS["campaign"].shape(document, "")) == []
    assert document["games"][0]["key"] == "friday_game_1"
    assert document["games"][0]["pacing"] == {"strategy": "odds", "chance": 0.01}
    assert document["games"][0]["budgets"][0]["coupons"]["generate"]["count"] == 500


def test_a_row_within_a_row_is_moved_and_removed():
    document = add_to_table(blank_document("campaign", "Friday", "friday"), "/games")
    for number, brand in enumerate(("acme", "bolt")):
        document = add_to_table(document, "/games/0/budgets")
        document = read_field(document, f"/games/0/budgets/{number}/brand", brand)
    document = move_in_table(document, "/games/0/budgets", 1, -1)
    assert [budget["brand"] for budget in document["games"][0]["budgets"]] == ["bolt", "acme"]
    document = remove_from_table(document, "/games/0/budgets", "0")
    assert [budget["brand"] for budget in document["games"][0]["budgets"]] == ["acme"]
