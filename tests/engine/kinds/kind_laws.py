"""What holds for the documents of every kind; the tests of a kind say what its members may and may not be.

Members stand as in a document; `/` goes inside. What is admitted lies on the edges of what is refused.
"""

from collections.abc import Iterator
from copy import deepcopy
from itertools import pairwise
from typing import Any, ClassVar

import pytest

from engine.rules.parse_documents import parse_documents
from engine.rules.rule_sentence import rule_sentence
from engine.vocabulary.fact import Catalogue
from engine.vocabulary.problem import Problem
from tests.builders import ZONES, make_book
from tests.engine.language.rules import CATALOGUE

EVENTS = {"trigger": {"events": ["visit"]}}
CONDITION = {"==": [{"var": "event.type"}, "visit"]}
LONG, LONGER = "x" * 120, "x" * 121
MANY_EVENTS = [f"event_{number}" for number in range(50)]
DATES = {"starts_at": "2026-12-04T18:00:00Z", "ends_at": "2026-12-06T22:00:00Z"}
NAMING = ("key", "name", "description", "why", "examples", "examples/0")
BACKWARDS = {"starts_at": DATES["ends_at"], "ends_at": DATES["starts_at"]}


def nested(levels: int) -> Any:
    return [nested(levels - 1)] if levels > 1 else []


def wrong(*documents: Any) -> list[str]:
    """Where the problems of these documents stand."""
    return [problem.path for problem in parse_documents(list(documents), zones=ZONES) if isinstance(problem, Problem)]


def compiled(document: dict[str, Any]) -> list[Any]:
    """The one document of a rulebook, as it runs."""
    book = make_book([document])
    by_key = (book.metrics, book.streaks, book.rules, book.boards)
    return [
        *(rule for part in by_key for rule in part.values()),
        book.boosts,
        book.levels,
        book.lifecycle,
        book.player_limits,
    ]


class KindLaws:
    """The laws of a kind. A subclass gives `kind` and the least members of its documents, beside `key` and `name`.

    `needed` are the members that must be there, `members` rows of a member with what it may and may not be, `defaults`
    what leaving members out means, `misfits` changes with the place where they are refused, `sentences` documents and
    how they read. `silent` are members that the sentence leaves out although they change what runs.
    """

    kind: ClassVar[str]
    least: ClassVar[dict[str, Any]]
    needed: ClassVar[tuple[str, ...]] = ()
    is_scheduled: ClassVar[bool] = False
    members: ClassVar[list[tuple[str, list[Any], list[Any]]]] = []
    defaults: ClassVar[dict[str, Any]] = {}
    misfits: ClassVar[list[tuple[dict[str, Any], str]]] = []
    is_single: ClassVar[bool] = False
    sentences: ClassVar[list[tuple[dict[str, Any], str]]] = []
    silent: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def document(cls, **members: Any) -> dict[str, Any]:
        return {"kind": cls.kind, "key": "it", "name": "It", **deepcopy(cls.least), **members}

    @classmethod
    def changed(cls, member: str, value: Any) -> dict[str, Any]:
        """The least document with one member set; what surrounds the member is made where it is absent."""
        document = cls.document()
        steps, last = member.split("/"), member.rsplit("/", maxsplit=1)[-1]
        parent: Any = document
        for step, after in pairwise(steps):
            empty: Any = [None] if after.isdigit() else {}
            parent = parent[int(step)] if isinstance(parent, list) else parent.setdefault(step, empty)
        parent[int(last) if isinstance(parent, list) else last] = value
        return document

    @classmethod
    def without(cls, member: str) -> dict[str, Any]:
        document = cls.document()
        *steps, last = member.split("/")
        parent: Any = document
        for step in steps:
            parent = parent[int(step) if isinstance(parent, list) else step]
        del parent[last]
        return document

    @classmethod
    def cases(cls) -> dict[str, list[Any]]:
        """The parameters of the laws, by their names."""
        return {
            "needed_member": ["key", "name", *cls.needed],
            "admitted": list(cls._values(1)),
            "refused": list(cls._values(2)),
            "sentence_case": [pytest.param(row, id=row[1]) for row in cls.sentences],
            "misfit": [pytest.param(row, id=f"{row[1]} {row[0]!r:.40}") for row in cls.misfits],
        }

    @classmethod
    def _values(cls, column: int) -> Iterator[Any]:
        for row in cls.members:
            for value in row[column]:
                yield pytest.param((row[0], value), id=f"{row[0]} {value!r:.40}")

    def test_the_least_document_is_admitted_and_an_unknown_member_is_not(self) -> None:
        assert wrong(self.document()) == []
        assert wrong(self.document(colour="red")) == ["/0/colour"]

    def test_a_missing_required_member_is_reported_at_its_place(self, needed_member: str) -> None:
        assert f"/0/{needed_member}" in wrong(self.without(needed_member))

    def test_a_member_may_have_any_value_within_its_bounds(self, admitted: tuple[str, Any]) -> None:
        assert wrong(self.changed(*admitted)) == []

    def test_a_member_beyond_its_bounds_is_refused_at_its_place(self, refused: tuple[str, Any]) -> None:
        places = wrong(self.changed(*refused))
        assert any(place.startswith(f"/0/{refused[0]}") for place in places)

    def test_a_scheduled_document_has_its_dates_in_order(self) -> None:
        assert wrong(self.document(**DATES)) == ([] if self.is_scheduled else ["/0/ends_at", "/0/starts_at"])
        assert "/0/ends_at" in wrong(self.document(**BACKWARDS))

    def test_members_that_are_left_out_have_their_defaults(self) -> None:
        assert compiled(self.document()) == compiled(self.document(**self.defaults))

    def test_members_that_do_not_go_together_are_refused_at_their_place(
        self, misfit: tuple[dict[str, Any], str]
    ) -> None:
        change, place = misfit
        assert wrong(self.document(**change)) == [f"/0/{place}" if place else "/0"]

    def test_a_single_kind_has_at_most_one_live_document(self) -> None:
        assert wrong(self.document(), self.document(key="other")) == (["/0", "/1"] if self.is_single else [])

    def test_it_reads_as_a_sentence(self, sentence_case: tuple[dict[str, Any], str]) -> None:
        members, words = sentence_case
        assert rule_sentence({"kind": self.kind, **members}, CATALOGUE) == words

    def test_whatever_changes_what_runs_changes_the_sentence(self, admitted: tuple[str, Any]) -> None:
        """Reviewers approve the sentence: what it leaves out is named in `silent`."""
        before, after = self.document(), self.changed(*admitted)
        if admitted[0] not in (*NAMING, *self.silent) and compiled(before) != compiled(after):
            assert rule_sentence(before, CATALOGUE) != rule_sentence(after, CATALOGUE)

    def test_it_reads_as_a_sentence_with_only_its_required_members(self) -> None:
        words = rule_sentence({"kind": self.kind, "key": "some_key", "name": "Some name"}, Catalogue())
        assert words
        assert "None" not in words
