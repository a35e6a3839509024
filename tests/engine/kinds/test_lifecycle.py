"""Lifecycles: states and the steps between them."""

from tests.engine.kinds.kind_laws import KindLaws

STEP = {"to": "B", "after_days_inactive": 7}


class TestLifecycle(KindLaws):
    kind = "lifecycle"
    silent = ("states", "initial")
    least = {"states": ["A", "B"], "transitions": [STEP]}
    needed = ("states", "transitions", "transitions/0/to")
    members = [
        (
            "states",
            [
                ["A", "B"],
                [{"name": "A"}, {"name": "B", "description": ""}],
                ["A", "B", *(f"S{number}" for number in range(28))],
            ],
            [[], ["A", "B", *(f"S{number}" for number in range(29))], ["A", "B", "A"]],
        ),
        ("initial", [None, "B"], ["C", 5]),
        ("transitions", [[], [STEP] * 100], [[STEP] * 101, None]),
        ("transitions/0/from", [None, "*", "A", ["A", "B"]], ["C", [], ["A", "A"]]),
        ("transitions/0/to", ["A"], ["C", "", None]),
        ("transitions/0/after_days_inactive", [1, 3650], [0, 3651, 1.5]),
    ]
    defaults = {"initial": "A", "transitions": [{**STEP, "from": "A"}]}
    misfits = [
        ({"transitions": [{"to": "B"}]}, "transitions/0"),
        (
            {"transitions": [{"to": "B", "after_days_inactive": 1, "condition": True}]},
            "transitions/0/after_days_inactive",
        ),
    ]
    is_single = True
    sentences = [
        (
            {
                "transitions": [
                    {"from": ["NEW", "ACTIVE"], "to": "QUIET", "after_days_inactive": 7},
                    {"from": "QUIET", "to": "ACTIVE", "trigger": {"events": ["*"]}, "condition": None},
                ],
            },
            "From NEW or ACTIVE to QUIET after 7 days without an event; from QUIET to ACTIVE when anything happens.",
        ),
    ]
