"""Any condition tree says the same of any event: on the Sample panel, in workers, in a backtest, in the reference."""

from itertools import count
from typing import Any

import msgspec
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from engine.authoring.jsonlogic.lower import lower
from engine.authoring.tree.nodes import ConditionGroup
from engine.language import reference_interpreter
from engine.language.facts import Facts, MissingFact
from tests.engine.authoring.trees import trees
from tests.engine.language import rules as random_rules
from tests.webapp.services.drains import DAY, MONDAY, drain, post
from tests.webapp.services.test_past import go_live
from webapp.config import Settings
from webapp.services.backtest.backtest_context import BacktestContext, BacktestDraft
from webapp.services.backtest.shard_replay import replay_shard
from webapp.services.drafts.sample_trial import TrialInput, try_draft
from webapp.store.events import shards
from webapp.store.events.event_log import NewEvent
from webapp.store.rules import rule_versions
from webapp.store.system.connection import Connection, connect

ORDERS = {"trigger": {"events": ["order_placed"]}}
WORLD: list[dict[str, Any]] = [
    {"kind": "metric", "key": "passed", "name": "Passed", "events": ["order_placed"], "aggregate": "count"},
    {"kind": "streak", "key": "daily", "name": "Daily", "events": ["*"], "every": "day"},
    {"kind": "mission", "key": "three_today", "name": "Three today", **ORDERS, "condition": None,
     "goal": {"target": 3}, "period": "day", "timezone": "player"},
    {"kind": "badge", "key": "week_on_fire", "name": "Week on Fire", **ORDERS, "tier": "silver",
     "condition": {">=": [{"var": "streak.daily.current"}, 2]}},
]  # fmt: skip
anything = st.none() | random_rules.scalar | st.lists(random_rules.country, max_size=2)
contents = st.fixed_dictionaries(
    {},
    optional={
        "amount": random_rules.number | st.sampled_from(["40", None]),
        "country": random_rules.country,
        "gift": st.booleans(),
        "tags": st.lists(random_rules.country, max_size=3),
        "placed_on": random_rules.dated,
        "anything": anything,
    },
)
orders = st.tuples(st.sampled_from(["ada", "grace"]), st.integers(0, 30), contents)
numbers = count()


def order(player: str, hours: int, content: dict[str, Any]) -> NewEvent:
    """An order some hours after Monday."""
    payload = msgspec.json.encode(content, order="sorted")
    return NewEvent(f"order-{next(numbers)}", "order_placed", player, MONDAY + hours * DAY // 6, payload, None)


def earning(tree: ConditionGroup) -> dict[str, Any]:
    """A rule of its own for a tree."""
    key = f"rule_{next(numbers)}"
    return {"kind": "earning", "key": key, "name": key, **ORDERS, "condition": lower(tree).logic, "grant": {"xp": 1}}


def says(logic: Any, facts: dict[str, Any]) -> bool:
    """What json-logic-qubit says."""
    try:
        return logic is None or reference_interpreter.holds(logic, Facts(facts))
    except MissingFact:
        return False


def given_by(conn: Connection, key: str) -> set[int]:
    """The events for which workers paid by a rule."""
    paid = "SELECT a.seq FROM ledger l JOIN applied a USING (shard, n) WHERE l.rule = %s"
    return {row[0] for row in conn.execute(paid, (key,))}


def replayed(conn: Connection, document: dict[str, Any], known: list[int]) -> set[int]:
    """The same for which a backtest of it as a draft of its own would."""
    draft = {**document, "key": f"{document['key']}_draft"}
    context = BacktestContext.build(conn, BacktestDraft(draft, None, 0, rule_versions.live_number(conn)))
    seqs = (award.entry.seq for shard in shards.ALL for award in replay_shard(conn, context, shard).payable)
    return {seq for seq in seqs if seq in known}


@trying(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(trees, min_size=4, max_size=6), st.lists(orders, min_size=4, max_size=10))
def test_a_tree_is_judged_alike_on_the_panel_in_workers_in_backtests_and_by_the_reference(
    settings: Settings, some: list[ConditionGroup], happened: list[tuple[str, int, dict[str, Any]]]
) -> None:
    documents = [earning(tree) for tree in some]
    go_live(settings, [*WORLD, *documents])
    appended = post(settings, [order(*members) for members in happened])
    drain(settings)
    with connect(settings.database_url) as conn:
        newest = conn.execute("SELECT seq FROM entry ORDER BY seq DESC LIMIT %s", (len(happened),)).fetchall()
        seqs = sorted(row[0] for row in newest)
        for tree, document in zip(some, documents, strict=True):
            tried = {seq: try_draft(conn, document, tree, TrialInput(event=seq)) for seq in seqs}
            # The rule asks what the finished rows ask; the panel gives no verdict as long as one is unfinished.
            matches = {seq for seq, result in tried.items() if result and result.marks.verdict}
            verdicts = {seq for seq, result in tried.items() if result and result.verdict}
            assert verdicts == (set() if lower(tree).problems else matches)
            assert matches == given_by(conn, document["key"])
            assert matches == replayed(conn, document, seqs)
            assert matches == {
                seq for seq, result in tried.items() if result and says(document["condition"], result.facts)
            }
    assert appended
