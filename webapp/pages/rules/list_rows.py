"""Rules as rows of a list: sentence, status, recent matches, and who edited it last."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import url_for

from engine.authoring.draft_sentence import draft_sentence, text_of
from engine.rules.rule_sentence import rule_sentence
from engine.vocabulary.fact import Catalogue
from webapp.http.access import Role
from webapp.pages import icons
from webapp.pages.formats import humane, minute_name
from webapp.pages.layout import may
from webapp.runtime import clock
from webapp.store.events import rule_activity, seen_properties
from webapp.store.rules import drafts, rule_versions, scheduled_publications, submissions
from webapp.store.rules.drafts import Draft
from webapp.store.rules.rule_versions import StoredRule
from webapp.store.rules.scheduled_publications import ScheduledPublication
from webapp.store.system.connection import Connection

STATUSES = {
    "live": "Live",
    "scheduled": "Scheduled",
    "review": "In review",
    "draft": "Draft",
    "counting": "Counting history…",
    "paused": "Paused",
    "archived": "Archived",
}
DOTS = {"counting": "review", "archived": "draft", "over": "draft"}
BY_ITSELF = "laurel"  # the actor of automatic changes in the audit log


@dataclass(frozen=True, slots=True)
class RuleListRow:
    """A rule, or the draft of one that was never published, as a row.

    `marks` are the statuses that a filter finds it by: a live rule with an open draft is both `live` and `draft`.
    `is_stored` is False for a draft that was never saved as a rule, `is_published` True if it was ever in force.
    """

    key: str
    kind: str
    name: str
    sentence: str
    icon: str
    tier: str
    state: str
    status: str
    marks: frozenset[str]
    events: tuple[str, ...]
    edited_by: str
    edited_at: datetime
    is_stored: bool = False
    is_published: bool = False
    has_draft: bool = False
    hours: tuple[int, ...] = ()

    @property
    def address(self) -> str:
        """Its page."""
        return url_for("rules.show_one", key=self.key)

    @property
    def edit_address(self) -> str:
        """The address of its editor."""
        return edit_address(self.key)

    @property
    def words(self) -> str:
        """The text that a search looks through."""
        events = " ".join((*self.events, *map(humane, self.events)))
        return f"{self.name} {self.key} {self.sentence} {events}".lower()


@dataclass(frozen=True, slots=True)
class NewRuleLink:
    """A link to a way of adding rules."""

    name: str
    icon: str
    address: str
    is_main: bool = False


def new_rule_links() -> list[NewRuleLink]:
    """The ways of adding rules that are open to this operator."""
    links = [NewRuleLink("Library", "books", url_for("library.show"))]
    if not may(Role.AUTHOR):
        return links
    new = NewRuleLink("New rule", "plus", url_for("editor.new"), is_main=True)
    return [*links, NewRuleLink("Import", "file-import", url_for("library.show_import")), new]


def edit_address(key: str) -> str:
    """The address of the editor of a rule."""
    return url_for("editor.build", key=key)


def all_rows(conn: Connection) -> list[RuleListRow]:
    """Every rule, and every draft of a new one, by name."""
    catalogue, matches = seen_properties.catalogue(conn), rule_activity.matches_by_rule(conn)
    drafts_by_key = {draft.key: draft for draft in drafts.all_drafts(conn)}
    sent_keys = {draft.key for draft in submissions.waiting(conn)}
    known = rule_versions.all_rules(conn)
    due = scheduled_publications.waiting(conn)
    rows = [
        row_of(rule, catalogue, drafts_by_key.get(rule.key), is_sent=rule.key in sent_keys, due=due.get(rule.key))
        for rule in known
    ]
    keys = {rule.key for rule in known}
    rows += [
        _row_of_draft(draft, catalogue, is_sent=draft.key in sent_keys)
        for draft in drafts_by_key.values()
        if draft.key not in keys
    ]
    rows = [replace(row, hours=tuple(matches.get(row.key, ()))) for row in rows]
    return sorted(rows, key=lambda row: (row.name.lower(), row.key))


def row_of(
    rule: StoredRule,
    catalogue: Catalogue,
    draft: Draft | None = None,
    *,
    is_sent: bool = False,
    due: ScheduledPublication | None = None,
) -> RuleListRow:
    """A rule as its row, with its open draft and the version that waits for its date."""
    state, status = status_of(rule)
    newest = rule.live_version if due is None else due.version
    is_changed = draft is not None or (rule.status == "live" and newest != rule.latest_version)
    states = {"draft": is_changed, "review": is_sent, "scheduled": due is not None}
    marks = {state, *(mark for mark, is_set in states.items() if is_set)}
    if due is not None:
        status = f"{status}, v{due.version} from {due.starts_at:%-d %b}"
    if is_sent and state != "draft":
        status = f"{status}, in review"
    elif is_sent:
        state, status = "review", STATUSES["review"]
    elif is_changed and state != "draft":
        status = f"{status}, draft"
    by, at = (rule.updated_by, rule.updated_at) if draft is None else (draft.updated_by, draft.updated_at)
    row = _row(rule.document, rule_sentence(rule.document, catalogue), (by, at))
    is_published, has_draft = rule.live_version is not None, draft is not None
    row = replace(row, is_published=is_published, has_draft=has_draft, is_stored=True)
    return replace(row, state=DOTS.get(state, state), status=status, marks=frozenset(marks))


def _row_of_draft(draft: Draft, catalogue: Catalogue, *, is_sent: bool) -> RuleListRow:
    sentence_text = text_of(draft_sentence(draft.document, draft.tree, catalogue))
    row = _row(draft.document, sentence_text, (draft.updated_by, draft.updated_at))
    state = "review" if is_sent else "draft"
    return replace(row, state=state, status=STATUSES[state], marks=frozenset((state, "draft")), has_draft=True)


def _row(document: Mapping[str, Any], sentence_text: str, edited: tuple[str, datetime]) -> RuleListRow:
    kind, key = document["kind"], document["key"]
    events = (document.get("trigger") or {}).get("events") or document.get("events") or ()
    icon = icons.of_rule(document)
    tier, name = document.get("tier") or "", document.get("name") or key
    return RuleListRow(key, kind, name, sentence_text, icon, tier, "", "", frozenset(), tuple(events), *edited)


def status_of(rule: StoredRule) -> tuple[str, str]:
    """The status of a rule, as a key and in words; the dates of a live rule count."""
    if rule.status == "paused" and rule.updated_by == BY_ITSELF:
        return "paused", "Paused after errors"
    if rule.status != "live":
        return rule.status, STATUSES[rule.status]
    starts, ends = (_moment(rule.document.get(name)) for name in ("starts_at", "ends_at"))
    now = clock.now()
    if ends is not None and ends <= now:
        return "over", f"Over since {ends:%-d %b}"
    if starts is not None and starts > now:
        return "scheduled", f"Scheduled, {starts:%-d %b}"
    return "live", STATUSES["live"]


def status_mark(rule: StoredRule | None) -> tuple[str, str]:
    """The key and the words of the mark that a rule has in the head of a page, with the version that is in force."""
    if rule is None or rule.status == "draft":
        return "draft", "Not published yet"
    state, status = status_of(rule)
    return DOTS.get(state, state), f"{status} · v{rule.live_version}" if rule.live_version else status


def start_words(rule: StoredRule) -> str:
    """What a rule that was just published does now, to stand after its name or version: `is live now`."""
    state, status = status_of(rule)
    if state == "scheduled":
        return f"is published and starts on {minute_name(datetime.fromisoformat(rule.document['starts_at']))}"
    return "is live now" if state == "live" else f"is published: {status}"


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
