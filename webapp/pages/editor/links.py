"""The links of the Build page: the tabs of a rule, the panels beside it, the review."""

from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for

TABS = (
    ("Build", "editor.build"),
    ("Test cases", "drafts.cases"),
    ("JSON", "library.json_tab"),
    ("Versions", "drafts.versions"),
)
PANELS = (("sample", "tryout.sample"), ("history", "tryout.history"))
REVIEW = "drafts.review"


@dataclass(frozen=True, slots=True)
class RuleTab:
    """One tab of a rule, with a number and whether all is well there."""

    name: str
    address: str
    is_current: bool
    note: str = ""
    is_good: bool = False


def tabs(key: str, current: str, notes: dict[str, tuple[str, bool]]) -> list[RuleTab]:
    """The tabs of a rule; `notes` by name."""
    available = [(name, endpoint) for name, endpoint in TABS if has_endpoint(endpoint)]
    return [
        RuleTab(name, url_for(endpoint, key=key), name == current, *notes.get(name, ())) for name, endpoint in available
    ]


def panels(key: str) -> list[tuple[str, str]]:
    """The panels beside the tree with their addresses; the checks are part of the page itself."""
    available = [(name, url_for(endpoint, key=key)) for name, endpoint in PANELS if has_endpoint(endpoint)]
    return [*available, ("checks", "")]


def review(key: str) -> str:
    """The address of the review."""
    return address(REVIEW, key=key)


def address(endpoint: str, **values: Any) -> str:
    """The address of a page; empty if this Laurel does not have it."""
    return url_for(endpoint, **values) if has_endpoint(endpoint) else ""


def has_endpoint(endpoint: str) -> bool:
    """Whether this Laurel has the page."""
    return endpoint in current_app.view_functions
