"""Jump to: one field that finds pages, actions, rules, players and boards; and the keyboard shortcuts."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.http.access import Role, allow
from webapp.http.htmx import render, wants_fragment
from webapp.pages.jump.destinations import DestinationGroup, groups
from webapp.pages.jump.shortcuts import KEYS
from webapp.pages.layout import database

blueprint = Blueprint("jump", __name__, url_prefix="/jump")
LENGTH_MAX = 100


@blueprint.get("")
@allow(role=Role.VIEWER)
def show() -> ResponseReturnValue:
    """Everything whose name contains the words."""
    return render("jump/page.html", "jump/_places.html", q=_query(), groups=_groups())


@blueprint.get("/palette")
@allow(role=Role.VIEWER)
def palette() -> ResponseReturnValue:
    """The same as a sheet over any page."""
    return render_template("jump/_palette.html", q=_query(), groups=_groups())


@blueprint.get("/keys")
@allow(role=Role.VIEWER)
def keys() -> ResponseReturnValue:
    """The keyboard shortcuts."""
    return render("jump/keys.html", "jump/_keys.html", keys=KEYS, is_sheet=wants_fragment())


def _query() -> str:
    return request.args.get("q", "").strip()[:LENGTH_MAX]


def _groups() -> list[DestinationGroup]:
    with database() as conn:
        return groups(conn, _query().lower())
