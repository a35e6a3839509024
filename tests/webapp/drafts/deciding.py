"""What people do when they decide: read what a review is about, say something, send, approve."""

import re
from typing import Any

from tests.webapp.pages.conftest import Browser
from webapp.config import Settings
from webapp.services.publishing.draft_decisions import DraftDecision
from webapp.store.rules import rule_versions
from webapp.store.rules.drafts import Draft
from webapp.store.system.connection import Connection, connect

RULE = "/rules/ten_lessons"
REVIEW, VERSIONS, CASES = f"{RULE}/review", f"{RULE}/versions", f"{RULE}/cases"
SUBMISSION = f"{RULE}/submission"
TWELVE = {"event": "lesson_completed", "facts": {"metric.lessons.total": 12}}


def decision_about(draft: Draft, comment: str = "Gold needs more", **more: str) -> DraftDecision:
    """A decision about exactly this draft."""
    return DraftDecision(draft.hash.hex(), comment, **more)


def tier(conn: Connection) -> Any:
    """The tier of Ten Lessons as it is live, or was last."""
    rule = rule_versions.rule(conn, "ten_lessons")
    assert rule
    return rule.document["tier"]


def hash_on(browser: Browser, rule: str = RULE) -> str:
    """The content that a review is about."""
    match = re.search(r'name="hash" value="([0-9a-f]+)"', browser.open(f"{rule}/review").text)
    assert match
    return match[1]


def send(browser: Browser, rule: str = RULE, **fields: str) -> Any:
    """Send the draft for approval."""
    form = {"hash": hash_on(browser, rule), "comment": "Gold it is"} | fields
    return browser.send(f"{rule}/submission", f"{rule}/review", **form)


def approve(browser: Browser, rule: str = RULE, **fields: str) -> Any:
    """Approve what was sent, or publish."""
    form = {"hash": hash_on(browser, rule), "comment": "Fine"} | fields
    return browser.send(f"{rule}/publication", f"{rule}/review", **form)


def live_tier(settings: Settings) -> Any:
    """The same, as anybody sees it."""
    with connect(settings.database_url) as conn:
        return tier(conn)
