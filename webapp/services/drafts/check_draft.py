"""The checks of a draft beside what is live, with what recent events lacked."""

from engine.authoring.checks.draft_findings import DraftFindings, draft_findings
from engine.authoring.fact_paths import fields_reading, paths_read_by
from engine.authoring.tree.conditions import draft_conditions
from engine.documents.condition_places import trigger_events
from engine.vocabulary.fact import Catalogue
from webapp.runtime.zones import ZONES
from webapp.store.events import seen_properties
from webapp.store.rules import rule_versions
from webapp.store.rules.drafts import Draft
from webapp.store.system.connection import Connection


def check_draft(conn: Connection, draft: Draft, catalogue: Catalogue) -> DraftFindings:
    """The findings of all checks; `catalogue` holds the facts of the draft's own events."""
    conditions = draft_conditions(draft.document, draft.tree, catalogue)
    paths = [path for condition in conditions for path in paths_read_by(condition.tree)]
    paths += [read.path for read in fields_reading(draft.document)]
    missing = seen_properties.shares_lacking(conn, trigger_events(draft.document), paths)
    return draft_findings(draft.document, draft.tree, catalogue, rule_versions.live_documents(conn), missing, ZONES)
