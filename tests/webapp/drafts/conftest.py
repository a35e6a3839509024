"""What the tests of drafts share: rules that are live, a draft of one, and edits of it."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.webapp.drafts.dates import DOUBLE, apply, in_hours, let_dates_come
from tests.webapp.drafts.deciding import TWELVE, decision_about
from tests.webapp.pages.conftest import Browser, signed_in_browser
from tests.webapp.rules.documents import LESSON_XP, LESSONS, TEN_LESSONS
from webapp.config import Settings
from webapp.services.drafts import draft_editing
from webapp.services.publishing import draft_decisions
from webapp.services.publishing.publish import PublicationResult, apply_documents
from webapp.store.rules import test_cases
from webapp.store.rules.drafts import Draft
from webapp.store.system.connection import Connection, connect

ADA, GRACE = "ada@campus.example", "grace@campus.example"
RULES = [LESSONS, LESSON_XP, TEN_LESSONS]
GOLD = {"op": "set_field", "pointer": "/tier", "texts": "gold"}


@pytest.fixture
def live(settings: Settings) -> None:
    """The three rules live."""
    with connect(settings.database_url) as conn:
        assert apply_documents(conn, RULES, "test", publish=True).problems == []
        conn.commit()


@pytest.fixture
def draft(live: None, conn: Connection) -> Draft:
    """A draft of the badge Ten Lessons, begun by Ada and not committed."""
    begun = draft_editing.open_draft(conn, "ten_lessons", ADA)
    assert begun is not None
    return begun


@pytest.fixture
def kept_draft(draft: Draft, conn: Connection) -> Draft:
    """The same, committed."""
    conn.commit()
    return draft


@pytest.fixture
def enter(app: Any, settings: Settings) -> Callable[[str, str], Browser]:
    """Open a browser as a person of this name and role: `enter("grace", "publisher")`."""
    return lambda name, role: signed_in_browser(app, settings, name, role)


@pytest.fixture
def golden(conn: Connection, draft: Draft) -> Draft:
    """The draft, gold instead of silver."""
    return draft_editing.edit(conn, draft.id, draft.revision, GOLD, ADA).draft


@pytest.fixture
def sent(conn: Connection, golden: Draft) -> Draft:
    """The same, sent by Ada."""
    draft_decisions.send_for_approval(conn, golden.id, decision_about(golden), ADA)
    return golden


@pytest.fixture
def kept_golden(golden: Draft, conn: Connection) -> Draft:
    """The golden draft, committed; with a test case that passes."""
    test_cases.add(conn, golden.key, "Twelve lessons", TWELVE, expected=True, by=ADA)
    conn.commit()
    return golden


@pytest.fixture
def waiting(live: None, conn: Connection) -> PublicationResult:
    """Twenty XP for a lesson instead of ten, from tomorrow on."""
    return apply(conn, DOUBLE | {"starts_at": in_hours(24)})


@pytest.fixture
def arrive(settings: Settings) -> Callable[[], None]:
    """Let the dates come of all that waits: `arrive()`."""

    def arrives() -> None:
        with connect(settings.owner_url) as owner:
            let_dates_come(owner)

    return arrives


@pytest.fixture
def ada(enter: Callable[[str, str], Browser]) -> Browser:
    """Ada, who writes."""
    return enter("ada", "author")


@pytest.fixture
def grace(enter: Callable[[str, str], Browser]) -> Browser:
    """Grace, who publishes."""
    return enter("grace", "publisher")


def set_field(pointer: str, texts: str) -> dict[str, Any]:
    """The edit of one field of the form."""
    return {"op": "set_field", "pointer": pointer, "texts": texts}


def set_value(node: str, texts: str) -> dict[str, Any]:
    """The edit of one value of a row."""
    return {"op": "set_value", "id": node, "text": texts}


def wait_until_somebody_waits(conn: Connection) -> None:
    """Return once another transaction stands before a lock that has to be waited for."""
    for _ in range(500):
        if conn.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0]:
            return
        time.sleep(0.02)
    raise AssertionError("nobody waits for the lock")
