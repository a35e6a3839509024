"""Operators: invite by a one-time link, change the role, disable; for admins."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.http.access import Role, allow
from webapp.pages.layout import database
from webapp.pages.layout import operator as myself
from webapp.pages.operators.forms import InviteForm
from webapp.runtime import clock
from webapp.store.people import audit, four_eyes, operators
from webapp.store.people.operators import LINK_HOURS, Operator
from webapp.store.system.connection import Connection

blueprint = Blueprint("operators", __name__, url_prefix="/operators")


@dataclass(frozen=True, slots=True)
class OneTimeLink:
    """A sign-in link that is shown this once."""

    email: str
    address: str
    expires_at: datetime


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
    with database() as conn:
        if not form.validate_on_submit():
            return _page(conn, form), 422
        email = operators.spelled(form.email.data or "")
        number = operators.new_operator(conn, email, form.role.data, email.partition("@")[0])
        if number is None:
            form.add_error(form.email, "This person is an operator already; make a new link in the list.")
            return _page(conn, form), 422
        link = _link(conn, number, email)
        audit.note(conn, myself().email, "operator.invited", email, after={"role": form.role.data})
        conn.commit()
        return _page(conn, InviteForm(formdata=None), link), 201


@blueprint.post("/four-eyes")
@allow(role=Role.ADMIN)
def set_four_eyes() -> ResponseReturnValue:
    """Ask for a second person before a rule goes live, or no longer."""
    wanted = request.form.get("on") == "yes"
    with database() as conn:
        before = {"on": four_eyes.is_on(conn)}
        four_eyes.switch(conn, on=wanted)
        audit.note(conn, myself().email, "four_eyes.switched", "approval", before=before, after={"on": wanted})
        conn.commit()
    flash("Rules need a second person now." if wanted else "Publishers publish by themselves now.", "good")
    return redirect(url_for(".show"), 303)


@blueprint.post("/<int:number>/link")
@allow(role=Role.ADMIN)
def make_link(number: int) -> ResponseReturnValue:
    """Make a new one-time link, for somebody who lost the password or the first link."""
    with database() as conn:
        person = _person(conn, number)
        link = _link(conn, number, person.email)
        audit.note(conn, myself().email, "operator.link_made", person.email)
        conn.commit()
        return _page(conn, InviteForm(formdata=None), link), 201


@blueprint.post("/<int:number>/role")
@allow(role=Role.ADMIN)
def change_role(number: int) -> ResponseReturnValue:
    """Give another role; nobody changes their own, so that an admin always remains."""
    role = request.form.get("role", "")
    if role not in set(Role):
        abort(400)
    with database() as conn:
        person = _somebody_else(conn, number)
        operators.set_role(conn, number, role)
        before, after = {"role": person.role}, {"role": role}
        audit.note(conn, myself().email, "operator.role_changed", person.email, before=before, after=after)
        conn.commit()
    flash(f"{person.email} is {role} now.", "good")
    return redirect(url_for(".show"), 303)


@blueprint.post("/<int:number>/disabling")
@allow(role=Role.ADMIN)
def disable(number: int) -> ResponseReturnValue:
    """Shut somebody out at once."""
    with database() as conn:
        person = _somebody_else(conn, number)
        operators.disable(conn, number)
        audit.note(conn, myself().email, "operator.disabled", person.email)
        conn.commit()
    flash(f"{person.email} is signed out and can no longer sign in.", "good")
    return redirect(url_for(".show"), 303)


@blueprint.post("/<int:number>/enabling")
@allow(role=Role.ADMIN)
def enable(number: int) -> ResponseReturnValue:
    """Let a disabled operator in again."""
    with database() as conn:
        person = _person(conn, number)
        operators.enable(conn, number)
        audit.note(conn, myself().email, "operator.enabled", person.email)
        conn.commit()
    flash(f"{person.email} can sign in again.", "good")
    return redirect(url_for(".show"), 303)


def _person(conn: Connection, number: int) -> Operator:
    return operators.operator(conn, number) or abort(404)


def _somebody_else(conn: Connection, number: int) -> Operator:
    if number == myself().id:
        abort(403)
    return _person(conn, number)


def _link(conn: Connection, number: int, email: str) -> OneTimeLink:
    address = url_for("sign_in.show_link", token=operators.new_link(conn, number), _external=True)
    return OneTimeLink(email, address, clock.now() + timedelta(hours=LINK_HOURS))


def _page(conn: Connection, form: InviteForm, link: OneTimeLink | None = None) -> str:
    people = operators.all_operators(conn)
    return render_template(
        "operators/page.html", operators=people, form=form, link=link, roles=list(Role), needs_two=four_eyes.is_on(conn)
    )
