"""Operators: invite by a one-time link, change the role, disable; for admins."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.http.access import Role, actor, allow, settings
from webapp.http.own_urls import external_url
from webapp.pages.confirmation import Confirmation, ask_for_name, irreversible
from webapp.pages.layout import database
from webapp.pages.operators.forms import InviteForm
from webapp.runtime import clock
from webapp.services.people import operator_changes
from webapp.services.people.invitations import OperatorExists, SignInLink, invite_new_operator, renew_link
from webapp.services.people.operator_changes import OwnAccessUnchangeable, UnknownOperator
from webapp.store.people import four_eyes, operators
from webapp.store.people.operators import LINK_HOURS, Operator
from webapp.store.system.connection import Connection

blueprint = Blueprint("operators", __name__, url_prefix="/operators")


@dataclass(frozen=True, slots=True)
class OneTimeLink:
    """A sign-in link that is shown only once."""

    email: str
    address: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OperatorsPage:
    """Everybody who may sign in, the form to invite somebody, and the link that was made just now, if any."""

    operators: Sequence[Operator]
    form: InviteForm
    link: OneTimeLink | None
    roles: Sequence[Role]
    needs_second_person: bool


@blueprint.get("")
@allow(role=Role.ADMIN)
def show() -> ResponseReturnValue:
    """Everybody who may sign in."""
    with database() as conn:
        return _page(conn, InviteForm(formdata=None))


@blueprint.post("")
@allow(role=Role.ADMIN)
def invite() -> ResponseReturnValue:
    """Let a person in and show their one-time link."""
    form = InviteForm()
    if form.validate_on_submit():
        try:
            return _show_link(invite_new_operator(settings(), form.email.data or "", form.role.data, actor()))
        except OperatorExists:
            form.add_error(form.email, "This person is already an operator. Create a new link in the list instead.")
    with database() as conn:
        return _page(conn, form), 422


@blueprint.post("/four-eyes")
@allow(role=Role.ADMIN)
@irreversible
def set_four_eyes() -> ResponseReturnValue:
    """Require a second person before a rule goes live, or no longer, once that was confirmed."""
    is_on = request.form.get("on") == "yes"
    consequence = "Whatever a publisher publishes alone from now on goes live, and players keep what it gives them."
    confirmation = Confirmation(
        "one person", "Let one person publish?", consequence, "Allow publishing alone", url_for(".show")
    )
    if not is_on and (page := ask_for_name(confirmation)):
        return page
    operator_changes.switch_four_eyes(settings(), actor(), on=is_on)
    flash("Rules now need a second person." if is_on else "Publishers can now publish on their own.", "good")
    return redirect(url_for(".show"), 303)


@blueprint.post("/<int:number>/link")
@allow(role=Role.ADMIN)
def make_link(number: int) -> ResponseReturnValue:
    """Make a new one-time link, for somebody who lost the password or the first link."""
    return _show_link(renew_link(settings(), number, actor()) or abort(404))


@blueprint.post("/<int:number>/role")
@allow(role=Role.ADMIN)
def change_role(number: int) -> ResponseReturnValue:
    """Give somebody else another role."""
    role = request.form.get("role", "")
    if role not in set(Role):
        abort(400)
    with _as_http_errors():
        person = operator_changes.change_role(settings(), number, role, actor())
    flash(f"{person.email} is now {_with_article(role)}.", "good")
    return redirect(url_for(".show"), 303)


@blueprint.post("/<int:number>/disabling")
@allow(role=Role.ADMIN)
def disable(number: int) -> ResponseReturnValue:
    """Shut somebody out at once."""
    with _as_http_errors():
        person = operator_changes.disable_operator(settings(), number, actor())
    flash(f"{person.email} has been signed out and can no longer sign in.", "good")
    return redirect(url_for(".show"), 303)


@blueprint.post("/<int:number>/enabling")
@allow(role=Role.ADMIN)
def enable(number: int) -> ResponseReturnValue:
    """Let a disabled operator in again."""
    with _as_http_errors():
        person = operator_changes.enable_operator(settings(), number, actor())
    flash(f"{person.email} can sign in again.", "good")
    return redirect(url_for(".show"), 303)


@contextmanager
def _as_http_errors() -> Iterator[None]:
    """Answer 404 for an unknown operator, 403 for oneself."""
    try:
        yield
    except UnknownOperator:
        abort(404)
    except OwnAccessUnchangeable:
        abort(403)


def _with_article(role: str) -> str:
    return f"an {role}" if role[0] in "aeiou" else f"a {role}"


def _show_link(link: SignInLink) -> ResponseReturnValue:
    address = external_url(settings(), "sign_in.show_link", token=link.token)
    one_time_link = OneTimeLink(link.email, address, clock.now() + timedelta(hours=LINK_HOURS))
    with database() as conn:
        return _page(conn, InviteForm(formdata=None), one_time_link), 201


def _page(conn: Connection, form: InviteForm, link: OneTimeLink | None = None) -> str:
    view = OperatorsPage(
        operators=operators.all_operators(conn),
        form=form,
        link=link,
        roles=list(Role),
        needs_second_person=four_eyes.is_on(conn),
    )
    return render_template("operators/page.html", view=view)
