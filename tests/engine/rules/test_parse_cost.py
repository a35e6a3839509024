"""What it takes to check documents grows as they do: nothing that an author sends keeps a worker busy for long."""

from typing import Any

import pytest

from engine.documents import shape
from engine.kinds import badge
from engine.rules import parse_documents as parse_module
from engine.rules.parse_documents import parse_documents
from engine.vocabulary import fact
from engine.vocabulary.problem import Problem
from tests.engine.scoring.world import metric, rule


class Counted(str):
    """A text that counts how often it is compared."""

    __slots__ = ()
    compared = 0

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def test_distinct_items_are_not_compared_pairwise() -> None:
    items = [Counted(f"code-{number}") for number in range(300)]
    assert [
        problem.path for problem in shape.list_of(shape.text(), distinct=True, most=400)([*items, items[7]], "")
    ] == ["/300"]
    assert Counted.compared <= len(items)


def test_the_requirements_of_badges_are_read_once_for_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    conditions: list[Any] = []
    monkeypatch.setattr(badge, "_required_badges", lambda logic: (conditions.append(logic), iter(()))[1])
    assert not any(
        isinstance(parsed, Problem) for parsed in parse_documents([rule("badge", f"b{n}") for n in range(30)])
    )
    assert len(conditions) == 30


def test_a_limited_number_of_unknown_names_are_compared_with_the_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    compared_words: list[str] = []
    monkeypatch.setattr(
        fact, "get_close_matches", lambda word, among, n: (compared_words.append(word), list(among)[:n])[1]
    )
    strange = [{">": [{"var": f"metric.strange_{number}.total"}, 1]} for number in range(90)]
    problems = parse_documents([metric("lessons"), rule("badge", "b", condition={"and": strange})])
    assert len([problem for problem in problems if isinstance(problem, Problem)]) == 90
    assert len(compared_words) == fact.GUESSES_MAX


def test_an_error_about_single_documents_names_only_some_of_the_others() -> None:
    problems = parse_documents([rule("levels", f"levels_{number}", formula="doubling") for number in range(40)])
    assert len(problems) == 40
    assert max(str(problem).count("levels_") for problem in problems) <= parse_module.OTHERS_NAMED_MAX
