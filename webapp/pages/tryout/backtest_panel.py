"""The History panel: the results of the last backtest, and the progress of a running one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from engine.authoring.checks.finished_document import draft_errors
from engine.authoring.tree.nodes import ConditionRow, find, numbers, to_json
from engine.kinds import KINDS
from engine.language.words.wording import OperandWords, word_list
from webapp.pages.charts.backtest_chart import BacktestChart, backtest_chart
from webapp.pages.formats import counted, granted_amounts
from webapp.pages.outcome_lines import RuleLabels
from webapp.runtime import clock
from webapp.runtime.zones import ZONES
from webapp.services.backtest.backtest_job import DAYS, BacktestRequest
from webapp.services.drafts import draft_editing
from webapp.services.drafts.edit_steps import whole_document
from webapp.store.campaigns import pools
from webapp.store.rules import backtests, rule_versions
from webapp.store.rules.backtests import Backtest
from webapp.store.rules.drafts import Draft
from webapp.store.system.connection import Connection

TABS = {"hits": ("hit", "hits"), "near": ("near miss", "near misses"), "lost": ("lost", "lost")}
PERIODS = {"30": "Last 30 days", "": "Everything"}
LATE_SECONDS = 3
NEVER = "Only rules that award something for single events have backtests: earning rules, badges and missions."


@dataclass(frozen=True, slots=True)
class BacktestCase:
    """One hit, near miss or lost award; `player` is None if erased, `failed` is the only condition that was not met."""

    seq: int
    player: str | None
    at: Any
    facts: str
    failed: str
    node: str


@dataclass(frozen=True, slots=True)
class HistoryPanel:
    """What the panel shows.

    `trouble` says why no backtest can be started, empty if it can; `is_possible` is false where none ever can be.
    """

    is_possible: bool
    last: Backtest | None
    running: Backtest | None
    is_outdated: bool
    trouble: str
    live_version: int | None
    tab: str
    cases: list[BacktestCase]
    chart: BacktestChart | None
    coupon_shortage: str
    labels: RuleLabels

    @property
    def result(self) -> Mapping[str, Any]:
        """The result of the last backtest."""
        return (self.last.result if self.last else None) or {}

    @property
    def cost(self) -> str:
        """The sum of all awards of the draft, in words."""
        ours = self.result["draft"]
        amounts = granted_amounts(ours)
        amounts += [
            f"{counted(many, 'coupon')} from {self.labels.name(pool)}" for pool, many in ours["coupons"].items()
        ]
        return word_list(amounts, "and") if amounts else "no XP, coins or coupons"

    @property
    def consequences(self) -> str:
        """What else awarding history would set off, in words; empty for nothing."""
        follows = self.result["follows"]
        parts = [counted(follows["levels"], "level")] if follows["levels"] > 0 else []
        badges = [(self.labels.name(key), many) for key, many in follows["badges"].items()]
        parts += [counted(many, f"badge {name}", f"badges {name}") for name, many in badges]
        parts += [
            f"{follows[name]:,} {words}" for name, words in (("xp", "XP"), ("coins", "coins")) if follows[name] > 0
        ]
        return word_list(parts, "and") if parts else ""

    @property
    def periods(self) -> list[tuple[str, str]]:
        """The spans of history to choose from."""
        return list(PERIODS.items())

    def is_period(self, days: str) -> bool:
        """Whether the last backtest covered this span; the default span if there was none."""
        job = self.running or self.last
        return days == (str(job.days or "") if job else str(DAYS))

    @property
    def tabs(self) -> list[tuple[str, str]]:
        """The lists of cases with their lengths; lost awards only if the rule is live."""
        many = {name: len(self.result["cases"][name]) for name in TABS}
        return [
            (name, counted(many[name], *TABS[name])) for name in TABS if name != "lost" or self.result["live"]["awards"]
        ]

    @property
    def time_left(self) -> str:
        """How long the running backtest may still take."""
        job = self.running
        if job is None or not job.progress or not job.total:
            return "It has just started."
        elapsed = (clock.now() - job.created_at).total_seconds()
        seconds = elapsed * (job.total - job.progress) / job.progress
        return f"About {max(1, round(seconds))} s more." if seconds >= LATE_SECONDS else "Nearly done."


def can_be_backtested(draft: Draft) -> bool:
    """Whether a backtest can ever be run for a rule of this kind."""
    return KINDS[draft.kind].judges_events


def backtest_request(draft: Draft, days: str) -> BacktestRequest:
    """The backtest of a draft as it is now; an empty `days` covers everything."""
    document = whole_document(draft.document, draft.tree)
    return BacktestRequest(document, to_json(draft.tree), draft.hash.hex(), DAYS if days == "30" else None)


def history_panel(conn: Connection, draft: Draft, tab: str = "") -> HistoryPanel:
    """The panel of a draft."""
    last, rule = backtests.last_done(conn, draft.key), rule_versions.rule(conn, draft.key)
    is_outdated = last is not None and last.hash != draft.hash.hex()
    shown, labels = tab if tab in TABS else "hits", RuleLabels.of(conn)
    return HistoryPanel(
        can_be_backtested(draft),
        last,
        backtests.newest_unfinished(conn, draft.key),
        is_outdated,
        _trouble(conn, draft),
        rule.live_version if rule and rule.status == "live" else None,
        shown,
        _cases(conn, draft, last, shown) if last and last.result else [],
        _chart(last) if last and last.result else None,
        _coupon_shortage(conn, last.result["draft"]["coupons"], labels) if last and last.result else "",
        labels,
    )


def _coupon_shortage(conn: Connection, needed: Mapping[str, int], labels: RuleLabels) -> str:
    """The pools with fewer coupons than the draft would have taken, in words; empty for none."""
    available = {key: pool.available for key in needed if (pool := pools.shared_pool(conn, key))}
    shortages = [
        f"{labels.name(key)} has {available.get(key, 0):,} left"
        for key, count in needed.items()
        if available.get(key, 0) < count
    ]
    return word_list(shortages, "and") if shortages else ""


def _trouble(conn: Connection, draft: Draft) -> str:
    if not can_be_backtested(draft):
        return NEVER
    catalogue = draft_editing.catalogue_for(conn, draft.document)
    errors = draft_errors(draft.document, draft.tree, catalogue, rule_versions.live_documents(conn), ZONES)
    return f"Fix {counted(len(errors), 'mistake')} first: {errors[0].text}" if errors else ""


def _chart(last: Backtest) -> BacktestChart:
    result = last.result or {}
    days = [*result["draft"]["days"], *result["live"]["days"]]
    end = (last.finished_at or last.created_at).date()
    first = end - timedelta(days=(last.days or 1) - 1)
    if last.days is None and days:
        first = min(first, type(end).fromisoformat(min(days)))
    return backtest_chart(result["draft"]["days"], result["live"]["days"], first, end)


def _cases(conn: Connection, draft: Draft, last: Backtest, tab: str) -> list[BacktestCase]:
    cases = (last.result or {})["cases"][tab]
    names = backtests.player_ids(conn, {case["player"] for case in cases})
    words, numbered = OperandWords(draft_editing.catalogue_for(conn, draft.document)), numbers(draft.tree)
    return [
        BacktestCase(
            case["seq"],
            names.get(case["player"]),
            clock.from_micros(case["at"]),
            _facts(case["facts"], words) if case["player"] in names else "",
            _failed(case, draft, words, numbered) if case["player"] in names else "",
            case.get("node", ""),
        )
        for case in cases
    ]


def _facts(facts: Mapping[str, Any], words: OperandWords) -> str:
    """The first few values; numbers without a unit come with their label."""
    texts = []
    for path, value in facts.items():
        fact = words.catalogue.fact(path)
        says_itself = isinstance(value, str) or (fact is not None and fact.unit)
        if value is not None and value != []:
            texts.append(f"{'' if says_itself else words.path(path) + ' '}{words.value(value, fact)}")
    return " · ".join(texts[:3])


def _failed(case: Mapping[str, Any], draft: Draft, words: OperandWords, numbered: Mapping[str, str]) -> str:
    """The only condition that was not met, with the actual value; empty for a hit."""
    node = find(draft.tree, case.get("node", ""))
    if node is None:
        return "a condition that no longer exists" if case.get("node") else ""
    if not isinstance(node, ConditionRow) or node.fact is None:
        return f"condition {numbered[node.id]}"
    value = case["facts"].get(node.fact)
    met = "no value" if value is None else words.value(value, words.catalogue.fact(node.fact))
    return f"{numbered[node.id]} {words.path(node.fact)}: {met}"
