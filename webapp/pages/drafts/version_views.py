"""What a review shows: the rule in words, its changes line by line, and the results of the last backtest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.authoring.difference import Change, WordRun, difference, word_difference
from engine.authoring.draft_sentence import draft_sentence, text_of
from engine.documents.fields import field_at
from engine.kinds import KINDS
from engine.vocabulary.fact import Catalogue
from webapp.services.publishing.publish import AWARD, AWARD_SILENTLY, FROM_NOW
from webapp.store.rules import backtests
from webapp.store.rules.backtests import Backtest
from webapp.store.rules.drafts import Draft, DraftContent
from webapp.store.system.connection import Connection

PAST_NAMES = {
    FROM_NOW: "From now on",
    AWARD_SILENTLY: "Award history silently",
    AWARD: "Award history and notify players",
}
SIGNS = {"~": "changed", "+": "added", "-": "removed", "∅": "muted or not"}


@dataclass(frozen=True, slots=True)
class DifferenceLine:
    """One line of a comparison: before and after, with removed and added words marked."""

    sign: str
    number: str
    before: Sequence[WordRun]
    after: Sequence[WordRun]

    @property
    def label(self) -> str:
        """The sign in words."""
        return SIGNS.get(self.sign, "unchanged")


@dataclass(frozen=True, slots=True)
class VersionDifference:
    """Two contents compared; `sentence` is both sentences in one, with the changes marked."""

    sentence: Sequence[WordRun]
    lines: Sequence[DifferenceLine]
    unchanged: Sequence[DifferenceLine]

    @property
    def summary(self) -> str:
        """How many lines changed, by kind: "2 changed, 1 added"."""
        counts = {name: sum(line.label == name for line in self.lines) for name in SIGNS.values()}
        return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "no changes"


def compare_contents(before: DraftContent | None, after: DraftContent, catalogue: Catalogue) -> VersionDifference:
    """What `after` changes from `before`; without `before`, everything is new."""
    base = None if before is None else (before.document, before.tree)
    changes = difference(base, (after.document, after.tree), catalogue)
    sentence_before, sentence_after = (sentence_of(change, catalogue) if change else "" for change in (before, after))
    runs = word_difference(sentence_before, sentence_after) if before else [WordRun("same", sentence_after)]
    visible = [change for change in changes if change.number != "Key"]
    return VersionDifference(
        runs,
        [_line(change) for change in visible if change.sign != " "],
        [_line(change) for change in visible if change.sign == " "],
    )


def sentence_of(content: DraftContent, catalogue: Catalogue) -> str:
    """The rule as one sentence."""
    return text_of(draft_sentence(content.document, content.tree, catalogue))


def _line(change: Change) -> DifferenceLine:
    runs = word_difference(change.before, change.after) if change.before and change.after else _one_sided_runs(change)
    before = [run for run in runs if run.kind != "ins"]
    after = [run for run in runs if run.kind != "del"]
    return DifferenceLine(change.sign, change.number, before, after)


def _one_sided_runs(change: Change) -> list[WordRun]:
    sides = [("del", change.before), ("ins", change.after)]
    return [WordRun(kind, text) for kind, text in sides if text]


@dataclass(frozen=True, slots=True)
class BacktestFigure:
    """One figure of the backtest."""

    label: str
    value: int
    note: str


def backtest_figures(conn: Connection, draft: Draft) -> tuple[Backtest | None, list[BacktestFigure]]:
    """The last backtest of exactly this content, else of an earlier state of the draft, and its figures."""
    last = backtests.last_done(conn, draft.key, draft.hash.hex()) or backtests.last_done(conn, draft.key)
    if last is None or last.result is None:
        return None, []
    result = last.result
    return last, [*_players(result), *_costs(result["draft"], result["live"])]


def _players(result: Mapping[str, Any]) -> list[BacktestFigure]:
    difference = result["draft"]["players"] - result["live"]["players"]
    return [
        BacktestFigure(
            "Players",
            result["draft"]["players"],
            f"{difference:+,} compared with live" if result["live"]["awards"] else "new",
        ),
        BacktestFigure("Gain it", result["gained"], "who would not with the live version"),
        BacktestFigure("Lose it", result["lost"], "keep what they have"),
    ]


def _costs(ours: Mapping[str, Any], live: Mapping[str, Any]) -> list[BacktestFigure]:
    """What the draft would pay: XP with the coins beside it, or coins alone if it gives no XP; then coupons."""
    paid = [(name, unit) for name, unit in (("xp", "XP"), ("coins", "coins")) if ours[name] or live[name]]
    coupons = [BacktestFigure("Coupons", many, f"of {key.replace('_', ' ')}") for key, many in ours["coupons"].items()]
    if not paid:
        return coupons or [BacktestFigure("XP and coins", 0, "none")]
    (first, unit), rest = paid[0], paid[1:]
    beside = "".join(f"; {ours[name]:,} {other}, {ours[name] - live[name]:+,}" for name, other in rest)
    paid_first = BacktestFigure(
        unit.capitalize() if unit != "XP" else unit, ours[first], f"{ours[first] - live[first]:+,}{beside}"
    )
    return [paid_first, *coupons]


@dataclass(frozen=True, slots=True)
class PublicationDates:
    """What can be chosen for a publication: dates for kinds that have them, the past for kinds that award it.

    `counts` says that the dates limit what is counted, not when the version is live.
    """

    has_dates: bool
    starts_at: str
    ends_at: str
    pasts: Mapping[str, str]
    counts: bool


def publication_dates(draft: Draft) -> PublicationDates:
    """The choices beside a decision about this draft."""
    has_dates = field_at(KINDS[draft.kind].form, "/starts_at") is not None
    pasts = PAST_NAMES if KINDS[draft.kind].awards_past else {}
    starts_at, ends_at = (_input_text(draft.document.get(name)) for name in ("starts_at", "ends_at"))
    return PublicationDates(has_dates, starts_at, ends_at, pasts, KINDS[draft.kind].is_counted)


def _input_text(moment: Any) -> str:
    """A moment as a date and time input takes it, in UTC; empty for none."""
    if not isinstance(moment, str) or not moment:
        return ""
    try:
        return f"{datetime.fromisoformat(moment).astimezone(UTC):%Y-%m-%dT%H:%M}"
    except ValueError:
        return ""
