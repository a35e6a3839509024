"""The view model of the Build page: tree, forms, sentence, checks, dock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.authoring.checks.draft_findings import DraftFindings, Finding
from engine.authoring.difference import Version, difference
from engine.authoring.draft_sentence import SentencePiece, draft_sentence
from engine.authoring.forms import forms
from engine.authoring.tree.conditions import DraftCondition, draft_conditions
from engine.authoring.tree.nodes import ConditionGroup
from engine.vocabulary.fact import Catalogue
from webapp.pages import icons
from webapp.pages.charts.lifecycle_diagram import LifecycleDiagram, lifecycle_diagram
from webapp.pages.editor import fields, links, nodes
from webapp.pages.editor.context import EditorContext
from webapp.pages.editor.folding import FoldedGroups
from webapp.pages.editor.problems import by_field, by_node, element_of
from webapp.pages.editor.query import EditorQuery
from webapp.pages.editor.view_models import GroupView
from webapp.pages.rules.list_rows import status_mark
from webapp.pages.tryout.sample_panel import SamplePanel, sample_panel
from webapp.runtime.zones import ZONES
from webapp.services.drafts import draft_editing, reverting
from webapp.services.drafts.check_draft import check_draft
from webapp.services.drafts.reverting import ChangeByOthers
from webapp.store.people import operators
from webapp.store.rules import drafts, rule_versions, submissions, test_cases
from webapp.store.rules.drafts import Draft, PresentOperator
from webapp.store.rules.rule_versions import StoredRule
from webapp.store.rules.submissions import Submission
from webapp.store.rules.test_cases import TestCase
from webapp.store.system.connection import Connection

PANELS = ("sample", "history", "checks")


@dataclass(frozen=True, slots=True)
class BuildPage:
    """The Build page of a draft.

    `undo` and `redo` are the labels of what they would do, empty for nothing. `changed_by_others` is everything since
    the revision `noticed`.
    """

    draft: Draft
    rule: StoredRule | None
    icon: str
    tree: GroupView | None
    folding: FoldedGroups
    sections: list[fields.SectionView]
    sentence: list[SentencePiece]
    findings: DraftFindings
    numbers: Mapping[str, str]
    cases: list[TestCase]
    changes: int
    names: Mapping[str, str]
    query: EditorQuery
    sample: SamplePanel | None
    sent: Submission | None
    undo: str
    redo: str
    changed_by_others: list[ChangeByOthers]
    noticed: int

    def many(self, severity: str) -> int:
        """How many findings have this severity."""
        return sum(finding.severity.value == severity for finding in self.findings.all)

    @property
    def passing(self) -> int:
        """How many test cases pass with what the draft says now."""
        return sum(case.passes and case.judged_hash == self.draft.hash for case in self.cases)

    @property
    def status(self) -> tuple[str, str]:
        """The mark of its status, as in the list of rules: a key and words."""
        return status_mark(self.rule)

    @property
    def tabs(self) -> list[links.RuleTab]:
        """The tabs of the rule, with the number of its test cases and versions."""
        cases, versions = len(self.cases), self.rule.latest_version if self.rule else 0
        notes = {"Test cases": (str(cases or ""), bool(cases) and self.passing == cases)}
        return links.tabs(self.draft.key, "Build", {**notes, "Versions": (str(versions or ""), False)})

    @property
    def panels(self) -> list[tuple[str, str]]:
        """The panels beside the tree."""
        return links.panels(self.draft.key)

    @property
    def panel(self) -> str:
        """The panel that is shown: a rule without conditions has only the checks."""
        return self.query.panel if self.tree else PANELS[-1]

    @property
    def review(self) -> str:
        """Where it is published."""
        return links.review(self.draft.key)

    @property
    def diagram(self) -> LifecycleDiagram | None:
        """The picture of a lifecycle."""
        return lifecycle_diagram(self.draft.document)

    @property
    def zones(self) -> list[str]:
        """The time zones to choose from, if a field needs one."""
        all_fields = (field for section in self.sections for field in section.fields)
        return sorted(ZONES) if any(field.field.widget == "zone" for field in all_fields) else []

    def person(self, by: str) -> str:
        """The name of an operator; of one without a name, the address before the @."""
        return self.names.get(by) or by.partition("@")[0]

    def place(self, change: ChangeByOthers) -> str:
        """`condition 1.2`, or the name of a field in quotes; of a step without words, its label."""
        if change.place[:1].isdigit():
            return f"condition {change.place}"
        return f"“{change.place}”" if change.before or change.after else change.place

    def element_of(self, finding: Finding) -> str:
        """The id of the element that a finding is about, or of the folded group that hides it; empty for none."""
        return self.folding.seen_at(element_of(finding))

    def fix_words(self, finding: Finding) -> str:
        """The label of the button that applies a fix."""
        fix, number = finding.fix or {}, self.numbers.get(str((finding.fix or {}).get("id")), "")
        words = {
            "or_not_set": f"Add “or is not set” to {number}",
            "past_midnight": f"Let {number} go past midnight",
            "delete": f"Delete {number}",
            "mute": f"Mute {number}",
        }
        return words.get(str(fix.get("op")), "Fix it")

    @property
    def first_error(self) -> str:
        """The id of the element with the first mistake."""
        return next((self.element_of(error) for error in self.findings.errors), "")


@dataclass(frozen=True, slots=True)
class PresenceView:
    """Who else has a draft open, and where."""

    query: EditorQuery
    numbers: Mapping[str, str]
    names: Mapping[str, str]

    def person(self, by: str) -> str:
        """The name of an operator; of one without a name, the address before the @."""
        return self.names.get(by) or by.partition("@")[0]


def presence_view(conn: Connection, draft: Draft, present: Sequence[PresentOperator]) -> PresenceView:
    """Who else has the draft open."""
    query = EditorQuery(present=present)
    numbers = _numbers(draft_conditions(draft.document, draft.tree, Catalogue()))
    return PresenceView(query, numbers, _names(conn) if present else {})


def build_page(conn: Connection, draft: Draft, query: EditorQuery, context: EditorContext, by: str) -> BuildPage:
    """Everything that the page shows of `draft` to this operator."""
    catalogue = context.catalogue_of(draft.document)
    findings = check_draft(conn, draft, catalogue)
    at, conditions = forms.tree_pointer(draft.kind), draft_conditions(draft.document, draft.tree, catalogue)
    sample = sample_panel(conn, draft, catalogue) if at and not query.is_part else None
    folds = query.folding_of([condition.tree for condition in conditions])
    tree_context = nodes.TreeContext(
        catalogue=catalogue,
        marks=sample.marks if sample else {},
        mistakes=by_node(findings),
        typed=query.typed,
        values_seen=context.examples,
        opened=query.opened,
        folding=folds,
    )
    trees = {condition.at: nodes.draw_tree(condition, tree_context) for condition in conditions}
    form_context = fields.FormContext(
        document=draft.document,
        others=context.documents,
        catalogue=catalogue,
        typed=query.typed,
        mistakes=by_field(findings),
        trees=trees,
    )
    submission = submissions.last(conn, draft.key)
    undo, redo = _undo_and_redo(conn, draft, by)
    noticed = draft.revision if query.noticed is None else min(query.noticed, draft.revision)
    changed_by_others = reverting.changes_by_others(conn, draft, by, noticed, catalogue) if draft.id else []
    return BuildPage(
        draft=draft,
        rule=rule_versions.rule(conn, draft.key),
        icon=icons.of_rule(draft.document),
        tree=trees.get(at or ""),
        folding=folds,
        sections=fields.section_views(form_context),
        sentence=draft_sentence(draft.document, draft.tree, catalogue),
        findings=findings,
        numbers=_numbers(conditions),
        cases=test_cases.cases_of(conn, draft.key),
        changes=_changes(conn, draft, catalogue),
        names=_names(conn) if query.present or changed_by_others else {},
        query=query,
        sample=sample,
        sent=submission if submission and submission.is_open else None,
        undo=undo,
        redo=redo,
        changed_by_others=changed_by_others,
        noticed=noticed if changed_by_others else draft.revision,
    )


def _undo_and_redo(conn: Connection, draft: Draft, by: str) -> tuple[str, str]:
    """The labels of the own steps that undo and redo would take back; empty for none."""
    own = reverting.own_steps(drafts.steps(conn, draft.id), by) if draft.id else reverting.OwnSteps()
    reversals = [reverting.next_reversal(conn, draft, steps) for steps in (own.undoable, own.redoable)]
    undo, redo = (reversal.step.label if reversal else "" for reversal in reversals)
    return undo, redo


def _numbers(conditions: Sequence[DraftCondition]) -> dict[str, str]:
    return {node: number for condition in conditions for node, number in condition.numbers.items()}


def _changes(conn: Connection, draft: Draft, catalogue: Catalogue) -> int:
    """How many lines differ from the version that the draft changes; for a new rule, from a blank one of its kind."""
    if not draft.id:
        return 0
    rule = rule_versions.rule(conn, draft.key)
    if rule is None or draft.base_version is None:
        base: Version = (forms.blank_document(draft.kind), ConditionGroup())
    else:
        content = draft_editing.content_of_version(conn, rule, draft.base_version)
        base = content.document, content.tree
    lines = difference(base, (draft.document, draft.tree), catalogue)
    return sum(line.sign != " " for line in lines)


def _names(conn: Connection) -> dict[str, str]:
    return {operator.email: operator.name for operator in operators.all_operators(conn)}
