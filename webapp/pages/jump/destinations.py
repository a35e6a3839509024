"""Everywhere that one can jump to: pages, things to do, rules, players, boards, campaigns."""

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

OF_A_GROUP = 8
OWN_PAGES = {
    LEADERBOARD.key: "leaderboards.show_one",
    CAMPAIGN.key: "campaigns.show_one",
    REWARD.key: "rewards.show_one",
}
ACTIONS = (
    ("Build a rule", "plus", "editor.new", Role.AUTHOR, "new create"),
    ("Begin with a template", "template", "library.gallery", Role.AUTHOR, "new rule gallery example"),
    ("Install ready-made rules", "books", "library.show", Role.VIEWER, "library pack"),
    ("Import rules from a file", "file-import", "library.show_import", Role.AUTHOR, "upload json"),
    ("Export all rules", "download", "chosen.export", Role.VIEWER, "download json backup"),
    ("Make an API key", "key", "apps.show", Role.ADMIN, "new app secret"),
    ("Invite an operator", "user-plus", "operators.show", Role.ADMIN, "new person user"),
    ("Change password or colours", "moon", "account.show", Role.VIEWER, "dark light theme account sign out"),
    ("Keys of the keyboard", "keyboard", "jump.keys", Role.VIEWER, "shortcuts help"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to go; `words` are searched besides what is read."""

    name: str
    note: str
    icon: str
    address: str
    words: str = ""

    def fits(self, q: str) -> bool:
        """Whether every word that was typed is found."""
        told = f"{self.name} {self.note} {self.words}".lower()
        return all(word in told for word in q.split())

    def distance(self, q: str) -> tuple[bool, bool]:
        """How far it is from what was typed: names that begin so first, then those that hold it."""
        name = self.name.lower()
        return not name.startswith(q), q not in name


@dataclass(frozen=True, slots=True)
class DestinationGroup:
    """Places of one kind."""

    name: str
    places: tuple[Place, ...]


def groups(conn: Connection, q: str) -> list[DestinationGroup]:
    """The places that hold the words, by kind, the nearest first; without words the pages and what can be done."""
    found: dict[str, Iterable[Place]] = {"Pages": _pages(), "To do": _actions()}
    if q:
        found = {"Rules": _rules(conn), "Players": _players(conn, q), **found}
    nearest = {name: _nearest(places, q) for name, places in found.items()}
    return [DestinationGroup(name, places) for name, places in nearest.items() if places]


def _nearest(places: Iterable[Place], q: str) -> tuple[Place, ...]:
    fitting = [each for each in places if each.fits(q)]
    return tuple(sorted(fitting, key=lambda each: each.distance(q))[: OF_A_GROUP if q else None])


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
        icon, told = icons.of_rule(rule.document), f"{humane(rule.kind)}, {rule.status}"
        yield Place(rule.name, told, icon, address_of(rule.kind, rule.key), rule.key)
        if rule.kind in OWN_PAGES:
            yield Place(rule.name, "its rule", icon, url_for("rules.show_one", key=rule.key), rule.key)
    keys = {rule.key for rule in known}
    for draft in drafts.all_drafts(conn):
        if draft.key not in keys and draft.kind in KINDS:
            name = draft.document.get("name") or draft.key
            icon = icons.of_rule(draft.document)
            yield Place(name, f"{humane(draft.kind)}, draft", icon, url_for("rules.show_one", key=draft.key), draft.key)


def address_of(kind: str, key: str) -> str:
    """Where a rule is looked at: a board, a campaign and a reward have pages of their own."""
    return url_for(OWN_PAGES.get(kind, "rules.show_one"), key=key)


def _players(conn: Connection, q: str) -> Iterator[Place]:
    for player in player_lists.ids_starting_with(conn, q, OF_A_GROUP):
        yield Place(player, "player", "user", url_for("players.show_one", player=player))
