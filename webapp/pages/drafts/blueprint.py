"""What the pages around a draft share: the blueprint, the tabs, and the draft itself."""

from collections.abc import Callable

from flask import Blueprint, abort, current_app

from webapp.http.access import actor, permission_of
from webapp.pages import icons
from webapp.pages.editor import links
from webapp.pages.editor.context import draft_or_preview
from webapp.pages.editor.links import RuleTab
from webapp.pages.layout import may
from webapp.services.drafts import draft_editing
from webapp.store.people import operators
from webapp.store.rules import rule_versions, test_cases
from webapp.store.rules.drafts import Draft
from webapp.store.system.connection import Connection

blueprint = Blueprint("drafts", __name__, url_prefix="/rules")


def tabs(conn: Connection, draft: Draft, current: str) -> list[RuleTab]:
    """The tabs of a rule that the reader may open, with the numbers of its test cases and versions."""
    cases, rule = test_cases.cases_of(conn, draft.key), rule_versions.rule(conn, draft.key)
    is_good = bool(cases) and all(case.passes and case.judged_hash == draft.hash for case in cases)
    versions = rule.latest_version if rule else ""
    notes = {"Test cases": (str(len(cases) or ""), is_good), "Versions": (str(versions), False)}
    open_to = {name for name, endpoint in links.TABS if links.has_endpoint(endpoint) and _may_open(endpoint)}
    return [tab for tab in links.tabs(draft.key, current, notes) if tab.name in open_to]


def _may_open(endpoint: str) -> bool:
    permission = permission_of(current_app.view_functions[endpoint])
    return permission is not None and permission.role is not None and may(permission.role)


def draft_or_404(conn: Connection, key: str) -> Draft:
    """The draft of a rule, or an unsaved preview of one; nothing is written. 404 for an unknown rule."""
    return draft_or_preview(conn, key, actor()) or abort(404)


def begin_draft_or_404(conn: Connection, key: str) -> Draft:
    """The draft of a rule, begun if there is none and saved with its next change. 404 for an unknown rule."""
    return draft_editing.open_draft(conn, key, actor()) or abort(404)


def icon_of(draft: Draft) -> str:
    """The icon of a rule: its own if it has one, else that of its kind."""
    return icons.of_rule(draft.document)


def person_names(conn: Connection) -> Callable[[str], str]:
    """A function from an address to a name; API keys and commands keep their own names."""
    names = {operator.email: operator.name for operator in operators.all_operators(conn)}
    return lambda by: names.get(by) or by
