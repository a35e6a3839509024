"""Rule documents are read as a whole or refused with every problem."""

from copy import deepcopy
from typing import Any

import pytest

from engine.rules.parse_documents import parse_documents
from engine.vocabulary.problem import Problem
from tests.builders import CONTRACT


def test_the_documents_of_the_contract_are_admitted() -> None:
    assert [document.key for document in parse_documents(deepcopy(CONTRACT))] == [raw["key"] for raw in CONTRACT]


def test_every_problem_is_reported_at_its_place() -> None:
    documents = deepcopy(CONTRACT)
    documents[0]["foo"] = 1
    documents[3]["thresholds"][2]["xp"] = 50
    documents[4]["grant"]["xp"] = -5
    documents[7]["score"] = "metric.pased"
    paths = [problem.path for problem in parse_documents(documents) if isinstance(problem, Problem)]
    assert paths == ["/0/foo", "/3/thresholds/2/xp", "/4/grant/xp", "/7/score"]


def test_a_duplicate_key_in_one_list_is_refused() -> None:
    metric = CONTRACT[0]
    assert [problem.path for problem in parse_documents([metric, metric])] == ["/1/key"]


def test_problems_come_in_the_order_of_the_documents() -> None:
    strange = {"and": [{">": [{"var": f"metric.strange_{number}.total"}, 1]} for number in range(12)]}
    badge = {"kind": "badge", "name": "B", "trigger": {"events": ["*"]}, "condition": strange}
    problems = parse_documents([badge | {"key": f"b{number}"} for number in range(11)])
    rows = [f"/{index}/condition/and/{number}/>/0" for index in range(11) for number in range(12)]
    assert [problem.path for problem in problems if isinstance(problem, Problem)] == rows


@pytest.mark.parametrize("raw", [None, {}, "x", 5])
def test_a_value_that_is_not_a_list_is_refused(raw: Any) -> None:
    assert [problem.path for problem in parse_documents(raw) if isinstance(problem, Problem)] == [""]


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (5, "/0"),
        ({}, "/0/kind"),
        ({"kind": "bagde"}, "/0/kind"),
        ({"kind": ["badge"]}, "/0/kind"),
        ({"kind": None}, "/0/kind"),
    ],
)
def test_a_value_that_is_not_a_document_is_refused(raw: Any, place: str) -> None:
    assert [problem.path for problem in parse_documents([raw])] == [place]
