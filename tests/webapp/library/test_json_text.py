"""JSON that is typed: read strictly, every value at its place."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.documents.fields import member_at
from engine.vocabulary.problem import Problem
from webapp.pages.library.json_text import parse_json

names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=5)
leaves = st.none() | st.booleans() | st.integers(-999, 999) | st.floats(-9, 9, allow_nan=False) | names
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3))


@given(values, st.sampled_from([None, 0, 2]), st.booleans())
def test_every_value_is_found_at_its_place(value, indent, is_plain):
    text = parse_json(json.dumps(value, indent=indent, ensure_ascii=is_plain))
    assert text.value == value
    for path, (start, end) in text.places.items():
        assert json.loads(text.source[start:end]) == member_at(value, path)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(source):
    text = parse_json(source)
    assert text.flaws or json.loads(source) == text.value


@pytest.mark.parametrize(
    ("source", "message", "line"),
    [
        ("", "Invalid JSON", 1),
        ('{"a": 1,\n"b" 2}', "Invalid JSON: expecting ':' delimiter", 2),
        ('{"a": 1, "a": 2}', "Duplicate key: 'a'", 1),
        ('{"a": NaN}', "NaN is not a valid number", 1),
        ('{"a":\n 1e999}', "too large", 2),
        ('["\\ud800"]', "characters that cannot be stored", 1),
        ("[" * 100_000, "Nested too deeply", 1),
        ('"' + "x" * 1_000_000 + '"', "longer than 1,000,000 characters", 1),
    ],
)
def test_text_that_cannot_be_kept_is_reported_with_its_line(source, message, line):
    (flaw,) = parse_json(source).flaws
    assert message in flaw.message
    assert flaw.line == line


def test_columns_are_counted_as_browsers_count_them():
    (flaw,) = parse_json('["𝄞𝄞", 5]').marked([Problem("/1", "wrong")])
    assert (flaw.start, flaw.end) == (9, 10)


def test_a_missing_member_is_reported_where_it_would_be():
    (flaw,) = parse_json('{"grant": {"xp": 5}}').marked([Problem("/grant/coins", "is missing")])
    assert (flaw.start, flaw.end) == (10, 19)
