"""All that the Build page shows of a draft, gathered in one place: tree, forms, sentence, checks, dock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.authoring.checks.findings import DraftFindings, Finding, findings
from engine.authoring.difference import difference
from engine.authoring.fact_paths import paths_read_by
from engine.authoring.forms import forms
from engine.authoring.rule_sentence import SentencePiece, sentence
from engine.authoring.tree.conditions import DraftCondition, draft_conditions
from engine.documents.condition_places import trigger_events
from engine.vocabulary.fact import Catalogue
from webapp.pages import icons
from webapp.pages.charts.lifecycle_diagram import LifecycleDiagram, lifecycle_diagram
from webapp.pages.editor import fields, links, nodes
from webapp.pages.editor.context import EditorContext
from webapp.pages.editor.folding import FoldedGroups
from webapp.pages.editor.problems import by_field, by_node, element_of
from webapp.pages.editor.query import EditorQuery
from webapp.pages.editor.view_models import GroupView
from webapp.pages.tryout.sample import SamplePanel, sample_panel
from webapp.runtime.zones import ZONES
from webapp.services.drafts import draft_editing
from webapp.store.events import property_gaps
from webapp.store.people import operators
from webapp.store.rules import rule_versions, submissions, test_cases
from webapp.store.rules.drafts import Draft, PresentOperator
from webapp.store.rules.rule_versions import StoredRule
from webapp.store.rules.submissions import Submission
from webapp.store.rules.test_cases import TestCase
from webapp.store.system.connection import Connection

PANELS = ("sample", "history", "checks")


@dataclass(frozen=True, slots=True)
class BuildPage:
    """The Build page of a draft."""

    draft: Draft
    rule: StoredRule | None
    icon: str
    tree: GroupView | None
    folding: FoldedGroups
    sections: list[fields.SectionView]
    told: list[SentencePiece]
    findings: DraftFindings
    numbers: Mapping[str, str]
    cases: list[TestCase]
    changes: int
    names: Mapping[str, str]
    asked: EditorQuery
    sample: SamplePanel | None
    sent: Submission | None

    def many(self, severity: str) -> int:
        """How many findings are this serious."""
        return sum(each.severity.value == severity for each in self.findings.found)

    @property
    def passing(self) -> int:
        """How many test cases pass with what the draft says now."""
        return sum(case.passes and case.judged_hash == self.draft.hash for case in self.cases)

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
        """The panel that is shown: a rule that asks nothing is only checked."""
        return self.asked.panel if self.tree else PANELS[-1]

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
        """The time zones to choose from, where a field asks for one."""
        every = (each for section in self.sections for each in section.fields)
        return sorted(ZONES) if any(each.field.widget == "zone" for each in every) else []

    def person(self, by: str) -> str:
        """How somebody is called."""
        return self.names.get(by) or by.partition("@")[0]

    def element_of(self, finding: Finding) -> str:
        """The id of the element that a finding is about; empty where it is about none."""
        return self.folding.seen_at(element_of(finding))

    def fix_words(self, finding: Finding) -> str:
        """What the button of a fix says."""
        fix, number = finding.fix or {}, self.numbers.get(str((finding.fix or {}).get("id")), "")
        words = {
            "or_not_set": f"Add “or is not set” to {number}",
            "delete": f"Delete {number}",
            "mute": f"Mute {number}",
        }
        return words.get(str(fix.get("op")), "Mend it")

    @property
    def first_error(self) -> str:
        """The id of the element with the first mistake."""
        return next((self.element_of(each) for each in self.findings.errors), "")


@dataclass(frozen=True, slots=True)
class PresenceView:
    """Who else has a draft open, and where."""

    asked: EditorQuery
    numbers: Mapping[str, str]
    names: Mapping[str, str]

    def person(self, by: str) -> str:
        """How somebody is called."""
        return self.names.get(by) or by.partition("@")[0]


def presence_view(conn: Connection, draft: Draft, present: Sequence[PresentOperator]) -> PresenceView:
    """Who else has the draft open."""
    asked = EditorQuery(present=present)
    return PresenceView(asked, _numbers(draft_conditions(draft.document, draft.tree, Catalogue())), _names(conn, asked))


def build_page(conn: Connection, draft: Draft, asked: EditorQuery, around: EditorContext) -> BuildPage:
    """Everything that the page shows of `draft`."""
    catalogue = around.catalogue_of(draft.document)
    found = check_draft(conn, draft, catalogue)
    at, conditions = forms.tree_pointer(draft.kind), draft_conditions(draft.document, draft.tree, catalogue)
    sample = sample_panel(conn, draft, catalogue) if at and not asked.is_part else None
    marks = sample.marks if sample else {}
    folds = asked.folding_of([each.tree for each in conditions])
    beside_tree = nodes.TreeContext(catalogue, marks, by_node(found), asked.typed, around.examples, asked.opened, folds)
    trees = {each.at: nodes.draw_tree(each, beside_tree) for each in conditions}
    beside = fields.FormContext(draft.document, around.used, catalogue, asked.typed, by_field(found), trees)
    return BuildPage(
        draft,
        rule_versions.rule(conn, draft.key),
        icons.of_rule(draft.document),
        trees.get(at or ""),
        folds,
        fields.section_views(beside),
        sentence(draft.document, draft.tree, catalogue),
        found,
        _numbers(conditions),
        test_cases.cases_of(conn, draft.key),
        _changes(conn, draft, catalogue),
        _names(conn, asked),
        asked,
        sample,
        sent if (sent := submissions.last(conn, draft.key)) and sent.is_open else None,
    )


def check_draft(conn: Connection, draft: Draft, catalogue: Catalogue) -> DraftFindings:
    """What the checks find beside what is live, with what recent events lacked."""
    conditions = draft_conditions(draft.document, draft.tree, catalogue)
    paths = [path for each in conditions for path in paths_read_by(each.tree)]
    missing = property_gaps.shares(conn, trigger_events(draft.document), paths)
    return findings(draft.document, draft.tree, catalogue, rule_versions.live_documents(conn), missing, ZONES)


def _numbers(conditions: Sequence[DraftCondition]) -> dict[str, str]:
    return {node: number for each in conditions for node, number in each.numbers.items()}


def _changes(conn: Connection, draft: Draft, catalogue: Catalogue) -> int:
    """How many lines differ from the version that the draft changes; how many there are where it changes none."""
    rule = rule_versions.rule(conn, draft.key) if draft.id else None
    if rule is None or draft.base_version is None:
        return draft.step
    base = draft_editing.content_of_version(conn, rule, draft.base_version)
    lines = difference((base.document, base.tree), (draft.document, draft.tree), catalogue)
    return sum(each.sign != " " for each in lines)


def _names(conn: Connection, asked: EditorQuery) -> dict[str, str]:
    if not asked.present and not asked.others:
        return {}
    return {each.email: each.name for each in operators.all_operators(conn)}
