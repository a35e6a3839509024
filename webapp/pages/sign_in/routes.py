"""Signing in by password, or by a one-time link that asks for a password; signing out."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.http import access
from webapp.http.access import allow, settings
from webapp.http.own_urls import is_own_path
from webapp.pages.formats import minutes
from webapp.pages.layout import database
from webapp.pages.sign_in import known_device, throttle
from webapp.pages.sign_in.forms import NewPasswordForm, PasswordForm
from webapp.services.people import sign_in
from webapp.services.people.sign_in import LinkSpent, WeakPassword, WrongPassword
from webapp.store.people import operators
from webapp.store.people.operators import spelled

blueprint = Blueprint("sign_in", __name__)


@blueprint.get("/sign-in")
@allow(public=True)
def show() -> ResponseReturnValue:
    """Ask for e-mail and password; who is signed in already goes on."""
    if access.current_operator() is not None:
        return redirect(_next_page(), 303)
    return render_template("sign_in/page.html", form=PasswordForm(), next_page=_next_page())


@blueprint.post("/sign-in")
@allow(public=True)
def enter() -> ResponseReturnValue:
    """Open a session, or say under the password what is wrong; nothing tells whether the account exists."""
    form = PasswordForm()
    if seconds := throttle.wait_of_address():
        return _too_many_tries(form, seconds)
    if form.validate_on_submit():
        email = form.email.data or ""
        if seconds := throttle.wait_of_account(email):
            return _too_many_tries(form, seconds)
        try:
            session = sign_in.sign_in(settings(), email, form.password.data or "", request.user_agent.string)
        except WrongPassword:
            form.add_error(form.password, "E-mail and password do not match.")
        else:
            throttle.forgive(email)
            return _signed_in(session, email, _next_page())
    return render_template("sign_in/page.html", form=form, next_page=_next_page()), 422


@blueprint.get("/sign-in/<token>")
@allow(public=True)
def show_link(token: str) -> ResponseReturnValue:
    """Ask whom a link lets in for a password; the link is not spent by looking at it."""
    with database() as conn:
        operator = operators.operator_of_link(conn, token)
    if operator is None:
        return render_template("sign_in/spent.html"), 410
    return render_template("sign_in/link.html", form=NewPasswordForm(), operator=operator)


@blueprint.post("/sign-in/<token>")
@allow(public=True)
def spend_link(token: str) -> ResponseReturnValue:
    """Spend the link: set the password, end other sessions, open one here."""
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            session, email = sign_in.sign_in_by_link(
                settings(), token, form.password.data or "", request.user_agent.string
            )
        except LinkSpent:
            return render_template("sign_in/spent.html"), 410
        except WeakPassword as weak:
            form.add_error(form.password, str(weak))
        else:
            return _signed_in(session, email, url_for("home.show"))
    with database() as conn:
        operator = operators.operator_of_link(conn, token)
    if operator is None:
        return render_template("sign_in/spent.html"), 410
    return render_template("sign_in/link.html", form=form, operator=operator), 422


@blueprint.post("/sign-out")
@allow(public=True)
def leave() -> ResponseReturnValue:
    """End this browser's session."""
    token = access.session_token()
    if token:
        sign_in.sign_out(settings(), token)
    answer = make_response(redirect(url_for("sign_in.show"), 303))
    access.clear_session_cookie(answer)
    return answer


def _signed_in(session: str, email: str, then: str) -> ResponseReturnValue:
    answer = make_response(redirect(then, 303))
    access.set_session_cookie(answer, session)
    known_device.remember(answer, spelled(email))
    return answer


def _too_many_tries(form: PasswordForm, seconds: int) -> ResponseReturnValue:
    form.add_error(form.password, f"Too many tries. Wait {minutes(seconds)}, then try again.")
    page = render_template("sign_in/page.html", form=form, next_page=_next_page())
    return page, 429, {"Retry-After": str(seconds)}


def _next_page() -> str:
    """Where to go after signing in: only a path of our own."""
    wanted = request.args.get("next", "")
    return wanted if is_own_path(wanted) else url_for("home.show")
