"""The tabs above one rule."""

from dataclasses import dataclass

from flask import current_app, url_for

TABS = (
    ("Build", "editor.build"),
    ("Test cases", "drafts.cases"),
    ("JSON", "library.json_tab"),
    ("Versions", "drafts.versions"),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """One way to look at a rule."""

    name: str
    address: str
    is_current: bool


def tabs_of(key: str, current: str) -> list[Tab]:
    """The tabs of a rule, those that there are."""
    there = [(name, endpoint) for name, endpoint in TABS if endpoint in current_app.view_functions]
    return [Tab(name, url_for(endpoint, key=key), name == current) for name, endpoint in there]
