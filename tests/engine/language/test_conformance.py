"""The public JsonLogic cases against compiled rules and json-logic-qubit."""

import pytest

from tests.engine.language.cases import Case, cases, is_same, outcome, refusal
from tests.engine.language.conformance_page import DIFFERENCES, PAGE, classified_cases, page

ADMITTED = [case for case in cases() if not refusal(case.rule)]


def test_all_public_cases_are_read() -> None:
    assert len(list(cases())) == 765


@pytest.mark.parametrize("case", ADMITTED, ids=lambda case: case.suite)
def test_an_admitted_case_means_the_same_compiled_and_by_the_reference(case: Case) -> None:
    compiled, by_reference = outcome(case), outcome(case, by_reference=True)
    assert type(compiled) is type(by_reference)
    assert is_same(compiled, by_reference)


def test_admitted_cases_have_the_value_of_jsonlogic_except_those_written_down() -> None:
    _, _, different = classified_cases()
    assert set(different) == {heading for _, heading, _ in DIFFERENCES}


def test_the_written_list_of_refusals_is_up_to_date() -> None:
    assert PAGE.read_text() == page()
