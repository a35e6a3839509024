"""The frame around every page: the side bar with its counts, who is signed in, light or dark."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask, g, request, url_for

from webapp.http.access import Role, settings
from webapp.store.people.operators import Operator
from webapp.store.system.connection import Connection, connect
from webapp.store.system.side_bar_counts import SideBarCounts, side_bar_counts

THEMES = ("", "light", "dark")
THEME_COOKIE = "laurel_theme"


@dataclass(frozen=True, slots=True)
class Link:
    """One line of the side bar."""

    name: str
    endpoint: str
    icon: str
    role: Role = Role.VIEWER
    count: int = 0
    areas: tuple[str, ...] = ()
    counted: str = ""

    @property
    def is_current(self) -> bool:
        """Whether the page that is shown belongs to this link's areas."""
        return request.blueprint in (self.endpoint.partition(".")[0], *self.areas)


@dataclass(frozen=True, slots=True)
class NavigationGroup:
    """Links under one heading; the first group has none."""

    name: str
    links: tuple[Link, ...]


RULES = ("chosen", "library", "editor", "drafts", "tryout")
CAMPAIGNS = ("code_files", "code_reveal", "coupons", "draws", "simulator", "synthetic_traffic")
GROUPS = (
    NavigationGroup("", (Link("Home", "home.show", "home"), Link("Events", "events.show", "bolt"))),
    NavigationGroup(
        "Game",
        (
            Link("Rules", "rules.show", "list-check", areas=RULES),
            Link("Players", "players.show", "users"),
            Link("Leaderboards", "leaderboards.show", "trophy"),
        ),
    ),
    NavigationGroup(
        "Prizes",
        (
            Link("Campaigns", "campaigns.show", "speakerphone", areas=CAMPAIGNS, counted=" live"),
            Link("Rewards", "rewards.show", "gift"),
        ),
    ),
    NavigationGroup(
        "Operations", (Link("Parked work", "parked.show", "parking"), Link("Audit", "audit.show", "history"))
    ),
    NavigationGroup(
        "Settings",
        (
            Link("Apps and keys", "apps.show", "key"),
            Link("Operators", "operators.show", "user-shield", Role.ADMIN),
            Link("Help", "help.show", "help-circle"),
        ),
    ),
)


@contextmanager
def database() -> Iterator[Connection]:
    """Lend a connection to a page: pages read with it, and services commit what they change with it."""
    with connect(settings().database_url) as conn:
        yield conn


def operator() -> Operator:
    """Who is signed in; only behind `@allow(role=…)`."""
    signed_in: Operator = g.operator
    return signed_in


def may(role: Role) -> bool:
    """Whether the signed-in operator may do what this role may."""
    return Role(operator().role).covers(role)


def address(endpoint: str, **filters: Any) -> str:
    """The address of a page with its filters; empty ones are left out."""
    return url_for(endpoint, **{name: value for name, value in filters.items() if value})


def set_up(app: Flask) -> None:
    """Give every template the frame's values."""
    app.context_processor(_values)


def _values() -> dict[str, object]:
    theme = request.cookies.get(THEME_COOKIE, "")
    return {
        "operator": g.get("operator"),
        "navigation": _navigation,
        "theme": theme if theme in THEMES else "",
    }


def _navigation() -> list[NavigationGroup]:
    with database() as conn:
        counts = side_bar_counts(conn)
    return [replace(group, links=tuple(_links(group, counts))) for group in GROUPS]


def _links(group: NavigationGroup, counts: SideBarCounts) -> Iterator[Link]:
    numbers = {"rules.show": counts.live_rules, "parked.show": counts.parked, "campaigns.show": counts.open_games}
    for link in group.links:
        if may(link.role):
            yield replace(link, count=numbers.get(link.endpoint, 0))
