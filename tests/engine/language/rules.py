"""Random admitted rules with facts that fit them, and facts that do not: types mixed up, values missing."""

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from engine.language.parse import ITERATORS_MAX
from engine.language.semantics import ITEMS_MAX, MEMBERS_MAX
from engine.vocabulary.fact import Catalogue

CONTRACT = json.loads((Path(__file__).parent / "contract_documents.json").read_text())

EVENT_TYPE = {
    "kind": "event_type",
    "key": "order_placed",
    "name": "Order placed",
    "properties": {
        "amount": {"type": "number", "unit": "EUR"},
        "country": {"type": "text", "choices": ["GB", "US", "CA"]},
        "gift": {"type": "boolean"},
        "tags": {"type": "texts"},
        "lines": {"type": "list"},
        "placed_on": {"type": "date"},
    },
}
CATALOGUE = Catalogue.from_documents([*CONTRACT, EVENT_TYPE])

NUMBERS = ["event.properties.amount", "metric.passed.total", "metric.passed.last_7_days", "streak.daily.current"]
TEXTS = ["event.properties.country"]
BOOLEANS = ["event.properties.gift", "mission.three_today.completed"]
DATES = ["event.properties.placed_on", "time.date"]
LISTS = ["event.properties.tags", "event.properties.lines", "event.properties.anything"]
UNKNOWN = ["event.properties.anything", "event.properties.deep.down", "player.attributes.plan"]
PATHS = sorted({*NUMBERS, *TEXTS, *BOOLEANS, *DATES, *LISTS, *UNKNOWN, "player.badges"})

whole = st.integers(-(10**6), 10**6)
few = st.sampled_from([0, 1, 2, 0.1, 0.2, 0.3])
"""So few that facts often stand right at a threshold."""
number = few | whole | st.decimals(-1000, 1000, places=3).map(float) | st.just(10**15)
country = st.sampled_from(["GB", "US", "CA"])
dated = st.dates().map(str)
scalar = number | country | dated | st.booleans() | st.sampled_from(["", "sale", "week_on_fire", "40"])
ORDER = ["<", "<=", ">", ">="]
ITERATORS = ["some", "all", "none", "filter"]
EQUAL = ["==", "===", "!=", "!=="]


def var(paths: list[str], default: st.SearchStrategy[Any] = whole) -> st.SearchStrategy[Any]:
    """`{"var": …}` with one of `paths`, sometimes with a default."""
    fact_paths = st.sampled_from(paths)
    return fact_paths.map(lambda path: {"var": path}) | st.tuples(fact_paths, default).map(
        lambda both: {"var": [*both]}
    )


def op(names: list[str], *args: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One of the operators `names` over `args`."""
    return st.tuples(st.sampled_from(names), st.tuples(*args)).map(lambda both: {both[0]: list(both[1])})


def many(names: list[str], args: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[Any]:
    """One of the operators `names` over one to `most` of `args`."""
    return st.tuples(st.sampled_from(names), st.lists(args, min_size=1, max_size=most)).map(
        lambda both: {both[0]: both[1]}
    )


numeric_fact = var(NUMBERS + UNKNOWN)
numeric_leaf = number | numeric_fact
calculation = st.recursive(
    numeric_leaf,
    lambda inner: (
        many(["+", "*", "min", "max"], inner)
        | many(["-"], inner, 2)
        | op(["/", "%"], inner, numeric_fact | whole.filter(bool))
        | op(["if"], var(BOOLEANS, st.booleans()), inner, inner)
    ),
    max_leaves=6,
)
part = st.sampled_from(["price", "kind", "deep.down"]).map(lambda name: {"var": name})
item = st.just({"var": ""}) | part
of_item = (
    op(ORDER, part, number)
    | op(EQUAL, part, scalar)
    | op(["in"], part, st.lists(number, min_size=1, max_size=3))
    | op([">"], st.just({"+": [{"var": "price"}, 1]}), number)
    | item
)
comparison = (
    op(ORDER, numeric_fact, number)
    | op(ORDER, number, numeric_fact)
    | op(["<", "<="], number, numeric_fact, numeric_fact)
    | op(ORDER, calculation, numeric_fact)
    | op(EQUAL, numeric_fact, number)
    | op(EQUAL, var(NUMBERS), var(UNKNOWN))
    | op(EQUAL, var(TEXTS, country), country)
    | op(EQUAL, var(UNKNOWN), scalar)
    | op(EQUAL, var(BOOLEANS, st.booleans()), st.booleans())
    | op(ORDER, var(DATES, dated), dated)
    | op(["in"], var(TEXTS + UNKNOWN, country), st.lists(country, min_size=1, max_size=3))
    | op(["in"], numeric_fact, st.lists(whole, min_size=1, max_size=3) | st.lists(number, min_size=1, max_size=3))
    | op(["in"], scalar, var(UNKNOWN))
    | op(["in"], st.sampled_from(["week_on_fire"]), st.just({"var": "player.badges"}))
    | op(["in"], var(UNKNOWN), st.sampled_from(LISTS).map(lambda path: {"var": path}))
    | op(ITERATORS, st.sampled_from(LISTS[1:]).map(lambda path: {"var": path}), of_item)
    | many(["missing"], st.sampled_from(PATHS))
    | var(BOOLEANS, st.booleans())
    | var(UNKNOWN)
    | st.booleans()
)
condition = st.recursive(
    comparison,
    lambda inner: (
        many(["and", "or"], inner, 4) | op(["!", "!!"], inner) | op(["if"], inner, op(["!!"], inner), op(["!"], inner))
    ),
    max_leaves=8,
).filter(lambda logic: sum(repr(logic).count(f"{name!r}:") for name in ITERATORS) <= ITERATORS_MAX)

things = st.fixed_dictionaries(
    {}, optional={"price": scalar, "kind": scalar, "deep": st.fixed_dictionaries({"down": scalar})}
)
huge = st.sampled_from([2**53, -(10**400), 1e308, 5e-324, -0.0])
dirty = st.none() | scalar | huge | st.lists(scalar | things | st.none(), max_size=4) | things
fitting: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(PATHS, dirty),
    **dict.fromkeys(NUMBERS, number),
    **dict.fromkeys(TEXTS, country),
    **dict.fromkeys(BOOLEANS, st.booleans()),
    **dict.fromkeys(DATES, dated),
    "event.properties.tags": st.lists(st.sampled_from(["sale", "new", ""]), max_size=4),
    "event.properties.lines": st.lists(things, max_size=4) | st.just([{"price": 1}] * (ITEMS_MAX + 1)),
    "event.properties.anything": dirty | st.just([1] * (MEMBERS_MAX + 1)),
    "player.badges": st.lists(st.sampled_from(["week_on_fire"]), max_size=1),
}
typed_facts = st.fixed_dictionaries(fitting)
dirty_facts = st.fixed_dictionaries({}, optional=dict.fromkeys(PATHS, dirty))
any_facts = typed_facts | dirty_facts
