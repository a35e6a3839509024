"""Jump to: one field that finds pages, players, rules and leaderboards."""

from dataclasses import dataclass

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from webapp.access import Role, allow
from webapp.htmx import render
from webapp.pages import pictures
from webapp.pages.frame import GROUPS, database, may
from webapp.store import rosters, rules

blueprint = Blueprint("jump", __name__, url_prefix="/jump")
OF_A_KIND = 8


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to go."""

    name: str
    note: str
    icon: str
    address: str


@blueprint.get("")
@allow(role=Role.VIEWER)
def show() -> ResponseReturnValue:
    """Everything whose name holds the words."""
    q = request.args.get("q", "").strip()
    return render("jump/page.html", "jump/_places.html", q=q, places=_places(q.lower()))


def _places(q: str) -> list[Place]:
    links = [link for group in GROUPS for link in group.links if may(link.role) and q in link.name.lower()]
    pages = [Place(link.name, "page", link.icon, url_for(link.endpoint)) for link in links]
    if not q:
        return pages
    with database() as conn:
        players = rosters.players_like(conn, q, OF_A_KIND)
        found = [rule for rule in rules.all_rules(conn) if q in f"{rule.name} {rule.key}".lower()]
    return [
        *pages,
        *(Place(player, "player", "user", url_for("players.show_one", player=player)) for player in players),
        *(
            Place(rule.name, rule.kind, pictures.of_rule(rule.kind, rule.key), url_for("rules.show_one", key=rule.key))
            for rule in found[:OF_A_KIND]
        ),
    ]
