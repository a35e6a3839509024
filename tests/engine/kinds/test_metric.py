"""Metrics: what may be counted of events."""

import pytest

from tests.engine.kinds.kind_laws import CONDITION, KindLaws, wrong


class TestMetric(KindLaws):
    kind = "metric"
    least = {"events": ["visit"], "aggregate": "count"}
    needed = ("events", "aggregate")
    is_scheduled = True
    members = [
        ("aggregate", ["count"], ["median", "", None]),
        ("filter", [None, CONDITION], [5]),
    ]
    defaults = {"filter": None, "property": None, "starts_at": None, "ends_at": None}
    misfits = [
        ({"property": "score"}, "property"),
        ({"aggregate": "sum"}, "property"),
        ({"aggregate": "sum", "property": "a..b"}, "property"),
        ({"events": ["*", "visit"]}, "events"),
    ]
    sentences = [
        (
            {"events": ["a", "b_c"], "aggregate": "distinct", "property": "course"},
            "Counts the different values of course when a or b c.",
        ),
    ]

    @pytest.mark.parametrize("aggregate", ["sum", "max", "min", "last", "distinct"])
    def test_every_aggregate_but_count_names_a_property(self, aggregate: str) -> None:
        assert wrong(self.document(aggregate=aggregate, property="score.final")) == []
