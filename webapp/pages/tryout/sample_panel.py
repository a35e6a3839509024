"""The Sample panel: the verdict of a draft on the chosen case, and what else to try it on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.authoring.trace import NodeMark
from engine.authoring.tree.edit_result import EditRefused
from engine.authoring.tree.nodes import ConditionGroup, Node, Tree
from engine.documents.condition_places import trigger_events
from engine.kinds.badge import BADGE
from engine.kinds.mission import MISSION
from engine.language.words.wording import OperandWords, word_list
from engine.vocabulary.fact import Catalogue
from webapp.pages.formats import ago, granted_amounts, humane
from webapp.pages.outcome_lines import reason_text
from webapp.pages.tryout import case_choice as choosing
from webapp.pages.tryout.case_choice import TYPED_VALUES, ChosenCase
from webapp.services.drafts.sample_trial import TrialResult, try_draft
from webapp.store.rules import sample_events, test_cases
from webapp.store.rules.drafts import Draft
from webapp.store.system.connection import Connection

RECENT = 8
COMMON_ZONES = (
    *("UTC", "Europe/London", "Europe/Berlin", "Africa/Lagos", "Asia/Kolkata", "Asia/Shanghai", "Asia/Tokyo"),
    *("Australia/Sydney", "Pacific/Auckland", "America/Sao_Paulo", "America/New_York", "America/Los_Angeles"),
)


@dataclass(frozen=True, slots=True)
class SampleOption:
    """One case to try a draft on, under a heading."""

    group: str
    on: str
    name: str


@dataclass(frozen=True, slots=True)
class SampleFact:
    """A fact that the rule reads: in words, and as it would be typed."""

    path: str
    label: str
    text: str
    typed: str
    is_missing: bool
    is_changed: bool


@dataclass(frozen=True, slots=True)
class SamplePanel:
    """A draft tried on one case; `trial` is None if the case no longer exists."""

    draft: Draft
    catalogue: Catalogue
    chosen: ChosenCase
    options: list[SampleOption]
    trial: TrialResult | None
    trouble: str = ""
    is_beside_rows: bool = False

    @property
    def marks(self) -> Mapping[str, NodeMark]:
        """The mark of each row; empty if nothing could be tried."""
        return self.trial.marks.of if self.trial else {}

    @property
    def is_match(self) -> bool:
        """Whether the rule matches."""
        return self.trial is not None and self.trial.verdict

    @property
    def unfinished(self) -> str:
        """The first condition that is not finished, so that nothing can be said; empty if all are."""
        return self.trial.marks.unfinished if self.trial else ""

    @property
    def tone(self) -> str:
        """`good` for a match that gives all it should, `warn` for one that does not or is undecided, else `bad`."""
        if self.unfinished or (self.is_match and self.trial and self.trial.refused):
            return "warn"
        return "good" if self.is_match else "bad"

    @property
    def verdict(self) -> str:
        """The verdict in one or two words."""
        if self.unfinished:
            return "Not finished"
        return "Match" if self.is_match else "No match"

    @property
    def who(self) -> str:
        """Who it was tried on."""
        return (self.trial.player if self.trial else None) or "these values"

    @property
    def text(self) -> str:
        """The verdict in three words."""
        return f"{self.verdict} for {self.who}"

    @property
    def says(self) -> str:
        """What the verdict means, in one sentence."""
        if self.trial is None:
            return ""
        if self.unfinished:
            return f"Condition {self.unfinished}."
        if not self.trial.is_heard:
            return f"The rule is not triggered by {humane(self.trial.kind)}."
        if not self.trial.verdict:
            return f"{_failing(self.trial, self.draft.tree)}."
        return _meaning(self.trial, self.draft.kind, self.catalogue)

    @property
    def groups(self) -> list[str]:
        """The headings of the options."""
        return list(dict.fromkeys(option.group for option in self.options))

    @property
    def zones(self) -> tuple[str, ...]:
        """A few common zones; any other can be typed."""
        return COMMON_ZONES

    @property
    def next(self) -> str:
        """The event after the chosen one, the first after the last."""
        events = [option.on for option in self.options if option.on.startswith("event:")]
        later = events[events.index(self.chosen.on) + 1 :] if self.chosen.on in events else []
        return next(iter([*later, *events]), "")

    @property
    def facts(self) -> list[SampleFact]:
        """The facts that the rows read, in their order."""
        facts = self.trial.facts if self.trial else {}
        return [_fact_view(path, value, self.catalogue, self.chosen) for path, value in facts.items()]


def sample_panel(conn: Connection, draft: Draft, catalogue: Catalogue) -> SamplePanel:
    """The draft tried on the case chosen last, else on the event that was the newest to trigger it at first sight."""
    options = sample_options(conn, draft)
    chosen = _chosen(conn, draft, options)
    try:
        trial = try_draft(conn, draft.document, draft.tree, chosen.trial_input(conn, draft.key), catalogue)
    except EditRefused as refused:
        return SamplePanel(draft, catalogue, chosen, options, None, str(refused))
    if all(option.on != chosen.on for option in options):
        name = f"{trial.player}, {humane(trial.kind)}" if trial and trial.player else chosen.on
        options.insert(0, SampleOption("Chosen", chosen.on, name))
    return SamplePanel(draft, catalogue, chosen, options, trial)


def _chosen(conn: Connection, draft: Draft, options: Sequence[SampleOption]) -> ChosenCase:
    """The case that was chosen or pinned; where none is, or the pinned event no longer fits, the newest is pinned."""
    chosen = choosing.chosen_for(draft)
    if chosen is not None and (not chosen.is_pinned or _triggers(conn, draft, chosen)):
        return chosen
    newest = ChosenCase(options[0].on, is_pinned=True)
    if newest.event is not None:
        choosing.remember(draft, newest)
    return newest


def _triggers(conn: Connection, draft: Draft, pinned: ChosenCase) -> bool:
    """Whether the pinned event still triggers the draft, and its player was not erased."""
    applied = sample_events.applied_entry(conn, pinned.event) if pinned.event is not None else None
    types = trigger_events(draft.document)
    return applied is not None and ("*" in types or applied.entry.type in types)


def sample_options(conn: Connection, draft: Draft) -> list[SampleOption]:
    """Recent events that trigger the draft, their players, its test cases, and values typed by hand."""
    recent = sample_events.recent_events(conn, trigger_events(draft.document), RECENT)
    events = [
        SampleOption(
            "Recent events",
            f"event:{event.seq}",
            f"{event.player} · {humane(event.type)}, {ago(event.occurred_at)}",
        )
        for event in recent
    ]
    cases = [SampleOption("Test cases", f"case:{case.id}", case.name) for case in test_cases.cases_of(conn, draft.key)]
    players = [
        SampleOption("Players as of now", f"player:{player}", player)
        for player in dict.fromkeys(event.player for event in recent)
    ]
    return [*events, *cases, *players, SampleOption("By hand", TYPED_VALUES, "values that you type")]


def _fact_view(path: str, value: Any, catalogue: Catalogue, chosen: ChosenCase) -> SampleFact:
    fact, words = catalogue.fact(path), OperandWords(catalogue)
    label = fact.label if fact else humane(path)
    label = label[:1].upper() + label[1:]
    text = "no value" if value is None else "none" if value == [] else _text(value, words, fact)
    return SampleFact(path, label, text, _input_text(value), value is None, path in chosen.values)


def _text(value: Any, words: OperandWords, fact: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return word_list([words.value(member, fact) for member in value], "and")
    return words.value(value, fact)


def _input_text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _failing(trial: TrialResult, tree: Tree) -> str:
    """Why not: every row that fails, or whose fact is unknown; of an "any" group all together, as one."""
    reasons = "; ".join(_reasons(trial, tree)) or "The conditions are not met"
    return reasons[:1].upper() + reasons[1:]


def _reasons(trial: TrialResult, node: Node) -> list[str]:
    mark = trial.marks.of.get(node.id)
    if mark is None or mark.state.value not in ("fail", "unknown"):
        return []
    if not isinstance(node, ConditionGroup):
        return [mark.why or mark.text]
    below = [reason for row in node.rows for reason in _reasons(trial, row)]
    if node.mode == "any":
        return [" or ".join(below)] if below else []
    return [mark.why] if node.mode == "at_least" else below


def _meaning(trial: TrialResult, kind: str, catalogue: Catalogue) -> str:
    who = trial.player or "A player with these values"
    if trial.refused:
        reasons = [reason_text(reason, catalogue, fact) for reason, fact in trial.refused]
        return f"But {who} would get {'less' if trial.award else 'nothing'}: {word_list(reasons, 'and')}."
    gifts = _gifts(trial.award.grant if trial.award else {}, catalogue)
    if kind == BADGE.key and trial.is_whole and trial.award is None:
        return f"{who} has the badge already."
    if kind == BADGE.key:
        return f"{who} would get the badge{' and ' if gifts else ''}{gifts}."
    if kind == MISSION.key:
        return f"{who} would {f'complete it and get {gifts}' if trial.award else 'come a step closer'}."
    return f"{who} would get {gifts}." if gifts else f"The rule applies to {who}."


def _gifts(grant: Mapping[str, Any], catalogue: Catalogue) -> str:
    amounts = granted_amounts(grant)
    if pool := grant.get("coupon_pool"):
        amounts.append(f"a coupon from {catalogue.name(pool)}")
    return word_list(amounts, "and") if amounts else ""
