"""What the pages around a draft share: their blueprint, their tabs, the draft they are about."""

from dataclasses import dataclass

from flask import Blueprint, abort, current_app, url_for

from webapp.access import actor
from webapp.jobs import drafting
from webapp.pages.editor.around import shown_draft
from webapp.store import test_cases
from webapp.store.connection import Connection
from webapp.store.drafts import Draft

blueprint = Blueprint("drafts", __name__, url_prefix="/rules")


@dataclass(frozen=True, slots=True)
class Tab:
    """One page about a rule; `is_good` puts a mark behind it."""

    name: str
    address: str
    is_current: bool
    note: str = ""
    is_good: bool = False


def tabs(conn: Connection, draft: Draft, current: str) -> list[Tab]:
    """The pages about a rule; `current` is the endpoint of the one that is shown."""
    cases = test_cases.cases_of(conn, draft.key)
    passing = sum(case.passes and case.judged == draft.hash for case in cases)
    names = {
        "editor.build": ("Build", "", False),
        "drafts.cases": ("Test cases", str(len(cases)) if cases else "", bool(cases) and passing == len(cases)),
        "library.json_tab": ("JSON", "", False),
        "drafts.review": ("Review", "", False),
        "drafts.versions": ("Versions", "", False),
    }
    return [
        Tab(name, url_for(endpoint, key=draft.key), endpoint == current, note, is_good)
        for endpoint, (name, note, is_good) in names.items()
        if endpoint in current_app.view_functions
    ]


def seen_draft(conn: Connection, key: str) -> Draft:
    """The draft of a rule, or one as it would begin; looking begins none. 404 for an unknown rule."""
    return shown_draft(conn, key, actor()) or abort(404)


def own_draft(conn: Connection, key: str) -> Draft:
    """The draft of a rule, begun where there is none. 404 for an unknown rule."""
    return drafting.open_draft(conn, key, actor()) or abort(404)
