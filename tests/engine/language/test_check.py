"""What the safe profile refuses, where, and in which words."""

import json
from typing import Any

import pytest
from json_logic import jsonLogic

from engine.language import reference_interpreter
from engine.language.check import Scope, check, is_once_per_path
from engine.language.compile import compile_logic
from engine.vocabulary.fact import Catalogue, SeenProperty
from tests.engine.language.rules import CATALOGUE, CONTRACT

SCORE = {"var": "event.properties.score"}
AMOUNT = {"var": "event.properties.amount"}
ANYTHING = {"var": "event.properties.anything"}


def refused(logic: Any, allowed: Scope = Scope.CONDITION, catalogue: Catalogue = CATALOGUE) -> list[tuple[str, str]]:
    return [(problem.path, problem.message) for problem in check(logic, catalogue, allowed=allowed, at="/3/condition")]


def nested(depth: int) -> Any:
    logic: Any = {"!": ANYTHING}
    for _ in range(depth):
        logic = {"!": [logic]}
    return logic


@pytest.mark.parametrize(
    ("logic", "path", "message"),
    [
        ({"method": [ANYTHING, "upper"]}, "/method", "unknown operator 'method'"),
        ({"log": ANYTHING}, "/log", "unknown operator 'log'"),
        ({"cat": ["a", "b"]}, "/cat", "unknown operator 'cat'"),
        ({"rounded.__globals__.os.getpid": []}, "/rounded.__globals__.os.getpid", "unknown operator"),
        ({"and": [{"x/y~": 1}]}, "/and/0/x~1y~0", "unknown operator 'x/y~'"),
        ({">=": [SCORE, 40], "note": "passed"}, "", "must have exactly one operator, has 2: '>=', 'note'"),
        ({}, "", "must have exactly one operator, has 0: none"),
        ({"if": [{"===": [SCORE, 2], "note": "x"}, True]}, "/if/0", "must have exactly one operator"),
        ({">=": [SCORE]}, "/>=", "'>=' takes 2 values, has 1"),
        ({"<": [1, SCORE, 3, 4]}, "/<", "'<' takes 2 to 3 values, has 4"),
        ({"var": {"var": "event.type"}}, "/var", "must name a fact as plain text"),
        ({"var": ["event.type", [1]]}, "/var/1", "the default must be"),
        ({"var": ""}, "/var", "must name a fact as plain text"),
        ({"===": [SCORE, 10**16]}, "/===/1", "is too large a number"),
        ({"===": [SCORE, 1e300]}, "/===/1", "is too large a number"),
        ({"===": [SCORE, float("nan")]}, "/===/1", "must be a finite number"),
        ({"===": [ANYTHING, "x" * 1001]}, "/===/1", "is too long: more than 1000 characters"),
        ({"===": [ANYTHING, "a\x00b"]}, "/===/1", "cannot be stored"),
        ({"===": [ANYTHING, "\ud800"]}, "/===/1", "cannot be stored"),
        ({"in": [SCORE, list(range(1001))]}, "/in/1", "is too long: more than 1000 items"),
        ({"in": [SCORE, [1, [2]]]}, "/in/1/1", "a list holds plain values only"),
        ({"some": [ANYTHING, {"all": [{"var": "tags"}, {"var": ""}]}]}, "/some/1/all", "may not stand inside another"),
        (
            {"some": [{"filter": [ANYTHING, {"var": ""}]}, {"var": ""}]},
            "/some/0",
            "reads a list fact or a written list",
        ),
        ({"reduce": [ANYTHING, {"*": [{"var": "accumulator"}, 2]}, 1]}, "/reduce", "unknown operator 'reduce'"),
        ({"missing_some": [1, ["event.type"]]}, "/missing_some", "unknown operator"),
    ],
)
def test_logic_of_the_wrong_shape_is_refused_at_its_place(logic: Any, path: str, message: str) -> None:
    place, refusal = refused(logic)[0]
    assert place == "/3/condition" + path
    assert message in refusal


@pytest.mark.parametrize(
    ("logic", "path", "message"),
    [
        ({"==": [SCORE, None]}, "/==", "'==' cannot compare with null; use 'missing'"),
        ({"!=": [None, SCORE]}, "/!=", "cannot compare with null"),
        ({"==": [AMOUNT, "40"]}, "/==", "amount is a number, '40' is a text"),
        ({"!=": [{"var": "event.properties.gift"}, 1]}, "/!=", "gift is true or false, 1 is a number"),
        ({"===": [AMOUNT, {"var": "event.properties.country"}]}, "/===", "compares a number (amount) with a text"),
        ({"===": [{"var": "player.badges"}, "x"]}, "/===", "cannot compare a list; use 'in' or 'some'"),
        ({"===": [{"var": "event.properties.country"}, "FR"]}, "/===", "'FR' is no value of country; it is one of: GB"),
        ({"===": [{"var": "time.weekday"}, 8]}, "/===", "8 is no value of weekday"),
        ({">": [AMOUNT, "40"]}, "/>", "compares numbers or dates (2026-11-20), not a text"),
        ({">": [AMOUNT, "2026-11-20"]}, "/>", "compares a number with a text"),
        ({">": [AMOUNT, None]}, "/>", "not null"),
        ({">": [{"var": "event.properties.gift"}, 1]}, "/>", "not true or false"),
        ({"<": [{"var": "time.date"}, "2026-02-30"]}, "/<", "compares numbers or dates"),
        ({">=": [{"var": "metric.pased.total"}, 5]}, "/>=/0", "unknown metric 'pased'; did you mean 'passed'?"),
        ({">=": [{"var": "metric.passed.yesterday"}, 5]}, "/>=/0", "a metric has total, today, this_week"),
        ({">=": [{"var": "metric.passed.last_91_days"}, 5]}, "/>=/0", "a metric has total"),
        ({">=": [{"var": "metric.passed.last_0_days"}, 5]}, "/>=/0", "a metric has total"),
        ({">=": [{"var": "streak.weekly.current"}, 5]}, "/>=/0", "unknown streak 'weekly'"),
        ({"!": {"var": "mission.nothing.completed"}}, "/!", "unknown mission 'nothing'"),
        ({"in": ["first_step", {"var": "player.badges"}]}, "/in", "unknown badge 'first_step'"),
        ({"some": [{"var": "player.badges"}, {"===": [{"var": ""}, "x"]}]}, "/some/1/===", "unknown badge 'x'"),
        ({">=": [{"var": "player.xpp"}, 5]}, "/>=/0", "unknown fact 'player.xpp'; did you mean 'player.xp'?"),
        ({">=": [{"var": "event.properties."}, 5]}, "/>=/0", "names no property"),
        ({">=": [{"var": "event.properties.a\n"}, 5]}, "/>=/0", "names no property"),
        ({"missing": ["metric.nothing.total"]}, "/missing/0", "unknown metric 'nothing'"),
        ({"missing": [SCORE]}, "/missing/0", "takes the names of facts as plain text"),
        ({"in": [SCORE, []]}, "/in", "numbers only or texts only, at least one"),
        ({"in": [ANYTHING, [1, "a"]]}, "/in", "numbers only or texts only"),
        ({"in": [AMOUNT, ["a"]]}, "/in", "amount is a number, 'a' is a text"),
        ({"in": [1, AMOUNT]}, "/in", "'in' looks into a list or a text"),
        ({"in": [5, {"var": "event.properties.tags"}]}, "/in", "tags holds text; a number is never in it"),
        ({"some": [AMOUNT, {"var": ""}]}, "/some/0", "'some' reads a list"),
        ({"some": [{"var": "event.properties.tags"}, {"var": "name"}]}, "/some/1", "plain texts and have no parts"),
        ({"and": [True, "yes"]}, "/and/1", "must be a condition, not a plain value"),
        ({"and": [{"+": [AMOUNT, 1]}]}, "/and/0/+", "must be a condition, not a number"),
        (40, "", "must be a condition, not a plain value"),
        ({">": [{"+": [{"var": "event.type"}, 1]}, 5]}, "/>/0/+/0", "must be a number; event type is a text"),
        ({">": [{"/": [AMOUNT, 0]}, 5]}, "/>/0/~1", "divides by zero"),
        ({">": [{"%": [AMOUNT, 0.0]}, 5]}, "/>/0/%", "divides by zero"),
        ({"if": [True, 1, "a"]}, "/if", "all results must be of one type"),
        (
            {">": [{"var": ["event.properties.amount", "none"]}, 5]},
            "/>/0/var/1",
            "the default is a text, amount is a number",
        ),
    ],
)
def test_logic_that_makes_no_sense_is_refused_at_its_place(logic: Any, path: str, message: str) -> None:
    place, refusal = refused(logic)[0]
    assert place == "/3/condition" + path
    assert message in refusal


@pytest.mark.parametrize(
    ("logic", "message"),
    [
        (nested(16), "is nested too deeply: more than 16 levels"),
        (nested(100_000), "is nested too deeply: more than 16 levels"),
        ({"and": [{"and": [{"in": [ANYTHING, ["x" * 1000] * 90]}]}]}, "is too long: more than 64,000 characters"),
        ({"and": [{"or": [{">": [ANYTHING, 1]}] * 50}] * 50}, "is too big: more than 400 operations"),
        ({"and": [True] * 101}, "'and' takes 1 to 100 values, has 101"),
        ({"or": [{"some": [ANYTHING, {"var": ""}]}] * 5}, "more than 4 iterators"),
        ({"some": [ANYTHING, {"and": [{">": [{"var": ""}, 1]}] * 20}]}, "asks too much of each item"),
    ],
)
def test_logic_that_could_stall_a_worker_is_refused(logic: Any, message: str) -> None:
    assert message in refused(logic)[0][1]


def test_every_mistake_is_reported_at_once() -> None:
    logic = {"or": [{">": [AMOUNT, "x"]}, {"var": "metric.x.total"}, {"==": [SCORE, None]}]}
    assert [path for path, _ in refused(logic)] == ["/3/condition/or/0/>", "/3/condition/or/1", "/3/condition/or/2/=="]


@pytest.mark.parametrize("path", ["player.xp", "metric.passed.total", "time.hour", "streak.daily.current"])
def test_the_filter_of_a_metric_asks_about_the_event_and_attributes_only(path: str) -> None:
    assert "may ask about the event" in refused({">": [{"var": path}, 1]}, Scope.METRIC_FILTER)[0][1]
    assert refused({">": [{"var": "player.attributes.age"}, 1]}, Scope.METRIC_FILTER) == []


@pytest.mark.parametrize(
    ("logic", "message"),
    [
        (-5, "always negative"),
        ({"-": [5]}, "always negative"),
        ({"if": [ANYTHING, {"*": [-1, 5]}, 5]}, "always negative"),
        (True, "must be a number; the result is true or false"),
        ("50", "must be a number"),
        (None, "must be a number, not null"),
        ({">": [SCORE, 1]}, "must be a number; the result is true or false"),
        ({"if": [ANYTHING, 5]}, "must say which number it is otherwise"),
        ({"var": "event.type"}, "must be a number; event type is a text"),
    ],
)
def test_a_formula_that_is_not_a_number_or_always_negative_is_refused(logic: Any, message: str) -> None:
    assert message in refused(logic, Scope.FORMULA)[0][1]


@pytest.mark.parametrize("formula", [0, 50, 2.5, SCORE, {"-": [SCORE, 100]}, {"+": [50, {"max": [SCORE, 1]}]}])
def test_formulas_that_may_be_positive_are_admitted(formula: Any) -> None:
    assert refused(formula, Scope.FORMULA) == []


def test_every_rule_of_the_contract_is_admitted() -> None:
    conditions = [document["condition"] for document in CONTRACT if document.get("condition")]
    assert [refused(logic) for logic in conditions] == [[]] * 3
    assert refused(CONTRACT[0]["filter"], Scope.METRIC_FILTER) == []


def test_the_type_seen_in_events_is_the_type_of_a_property() -> None:
    seen = {"lesson": {"score": SeenProperty(("number", "null"), (95,)), "mixed": SeenProperty(("number", "text"))}}
    catalogue = Catalogue.from_documents([], seen)
    assert "score is a number" in refused({"===": [SCORE, "a"]}, catalogue=catalogue)[0][1]
    assert refused({"===": [{"var": "event.properties.mixed"}, "a"]}, catalogue=catalogue) == []


def test_once_per_takes_only_facts_known_before_an_entry_is_judged() -> None:
    assert all(map(is_once_per_path, ["event.properties.course", "event.type", "player.attributes.plan", "time.date"]))
    assert not any(map(is_once_per_path, ["player.xp", "metric.passed.total", "streak.daily.current", "x"]))


def test_logic_that_was_not_checked_is_not_compiled() -> None:
    with pytest.raises(ValueError, match="unknown operator 'method'"):
        compile_logic({"method": ["a", "upper"]})


def test_author_text_stays_text() -> None:
    evil = "') or __import__('os').getpid() or ('"
    logic = {"===": [{"var": f"event.properties.{evil.replace('.', '')}"}, evil]}
    assert refused(json.loads(json.dumps(logic))) == []
    assert compile_logic(logic).evaluate({f"event.properties.{evil.replace('.', '')}": evil}) is True


def test_the_reference_interpreter_has_no_way_to_run_code() -> None:
    with pytest.raises(ValueError, match="unknown operator 'method'"):
        reference_interpreter.evaluate({"method": ["a", "upper"]}, {})
    with pytest.raises(AssertionError):
        jsonLogic({"method": ["a", "upper"]}, {})


DEEP: list[tuple[str, Any]] = [
    ("!", [{"var": "event.properties.gift"}]),
    ("and", [{"var": "event.properties.gift"}, True]),
    ("+", [SCORE, 1]),
    ("*", [SCORE, 1, 1]),
    ("max", [SCORE, 1]),
    ("if", [ANYTHING, SCORE, ANYTHING, 2, 3]),
]


@pytest.mark.parametrize(("operator", "args"), DEEP)
def test_the_deepest_admitted_rule_compiles_and_agrees_with_the_reference(operator: str, args: list[Any]) -> None:
    logic: Any = {operator: args}
    for _ in range(13):
        logic = {operator: [args[0], logic, *args[2:]][-len(args) :] if len(args) > 1 else [logic]}
    facts = {"event.properties.gift": True, "event.properties.score": 2}
    assert (
        check(logic, CATALOGUE, allowed=Scope.FORMULA) == [] or check(logic, CATALOGUE, allowed=Scope.CONDITION) == []
    )
    assert compile_logic(logic).evaluate(facts) == reference_interpreter.evaluate(logic, facts)


def test_the_longest_admitted_choice_compiles_and_agrees_with_the_reference() -> None:
    logic = {"if": [part for index in range(49) for part in ({"===": [SCORE, index]}, index + 1)] + [0]}
    answers = [compile_logic(logic).evaluate({"event.properties.score": score}) for score in (0, 48, 49)]
    assert answers == [1, 49, 0]
    assert reference_interpreter.evaluate(logic, {"event.properties.score": 48}) == 49
