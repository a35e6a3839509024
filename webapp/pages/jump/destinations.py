"""Everything one can jump to: pages, actions, rules, players, leaderboards, campaigns."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import url_for

from engine.kinds import KINDS
from engine.kinds.campaign import CAMPAIGN
from engine.kinds.leaderboard import LEADERBOARD
from engine.kinds.reward import REWARD
from webapp.http.access import Role
from webapp.pages import icons
from webapp.pages.formats import humane
from webapp.pages.layout import GROUPS, may
from webapp.store.players import player_lists
from webapp.store.rules import drafts, rule_versions
from webapp.store.system.connection import Connection

GROUP_LENGTH_MAX = 8
OWN_PAGES = {
    LEADERBOARD.key: "leaderboards.show_one",
    CAMPAIGN.key: "campaigns.show_one",
    REWARD.key: "rewards.show_one",
}
ACTIONS = (
    ("Build a rule", "plus", "editor.new", Role.AUTHOR, "new create"),
    ("Start from a template", "template", "library.gallery", Role.AUTHOR, "new rule gallery example"),
    ("Install ready-made rules", "books", "library.show", Role.VIEWER, "library pack"),
    ("Import rules from a file", "file-import", "library.show_import", Role.AUTHOR, "upload json"),
    ("Export all rules", "download", "chosen.export", Role.VIEWER, "download json backup"),
    ("Create an API key", "key", "apps.show", Role.ADMIN, "new app secret"),
    ("Invite an operator", "user-plus", "operators.show", Role.ADMIN, "new person user"),
    ("Change password or appearance", "moon", "account.show", Role.VIEWER, "dark light theme account sign out"),
    ("Show keyboard shortcuts", "keyboard", "jump.keys", Role.VIEWER, "shortcuts help"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to go; `words` are searched in addition to the visible texts."""

    name: str
    note: str
    icon: str
    address: str
    words: str = ""

    def fits(self, q: str) -> bool:
        """Whether it contains every word that was typed."""
        searched_text = f"{self.name} {self.note} {self.words}".lower()
        return all(word in searched_text for word in q.split())

    def distance(self, q: str) -> tuple[bool, bool]:
        """How far it is from what was typed: names that start with it first, then those that contain it."""
        name = self.name.lower()
        return not name.startswith(q), q not in name


@dataclass(frozen=True, slots=True)
class DestinationGroup:
    """Places of one kind."""

    name: str
    places: tuple[Place, ...]


def groups(conn: Connection, q: str) -> list[DestinationGroup]:
    """The places that contain the words, by kind, the nearest first; without words all pages and actions."""
    places_by_kind: dict[str, Iterable[Place]] = {"Pages": _pages(), "Actions": _actions()}
    if q:
        places_by_kind = {"Rules": _rules(conn), "Players": _players(conn, q), **places_by_kind}
    nearest = {name: _nearest(places, q) for name, places in places_by_kind.items()}
    return [DestinationGroup(name, places) for name, places in nearest.items() if places]


def _nearest(places: Iterable[Place], q: str) -> tuple[Place, ...]:
    matching = [place for place in places if place.fits(q)]
    return tuple(sorted(matching, key=lambda place: place.distance(q))[: GROUP_LENGTH_MAX if q else None])


def _pages() -> Iterator[Place]:
    for group in GROUPS:
        for link in group.links:
            if may(link.role):
                yield Place(link.name, group.name, link.icon, url_for(link.endpoint))


def _actions() -> Iterator[Place]:
    for name, icon, endpoint, role, words in ACTIONS:
        if may(role):
            yield Place(name, "", icon, url_for(endpoint), words)


def _rules(conn: Connection) -> Iterator[Place]:
    known = rule_versions.all_rules(conn)
    for rule in known:
        icon, note = icons.of_rule(rule.document), f"{humane(rule.kind)}, {rule.status}"
        yield Place(rule.name, note, icon, address_of(rule.kind, rule.key), rule.key)
        if rule.kind in OWN_PAGES:
            yield Place(rule.name, "rule", icon, url_for("rules.show_one", key=rule.key), rule.key)
    keys = {rule.key for rule in known}
    for draft in drafts.all_drafts(conn):
        if draft.key not in keys and draft.kind in KINDS:
            name = draft.document.get("name") or draft.key
            icon = icons.of_rule(draft.document)
            yield Place(name, f"{humane(draft.kind)}, draft", icon, url_for("rules.show_one", key=draft.key), draft.key)


def address_of(kind: str, key: str) -> str:
    """The page of a rule: leaderboards, campaigns and rewards have pages of their own."""
    return url_for(OWN_PAGES.get(kind, "rules.show_one"), key=key)


def _players(conn: Connection, q: str) -> Iterator[Place]:
    for player in player_lists.ids_starting_with(conn, q, GROUP_LENGTH_MAX):
        yield Place(player, "player", "user", url_for("players.show_one", player=player))
