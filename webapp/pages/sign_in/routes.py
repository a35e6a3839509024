"""Signing in by password, or by a one-time link that asks for a password; signing out."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.http import access
from webapp.http.access import allow
from webapp.pages.layout import database
from webapp.pages.sign_in import throttle
from webapp.pages.sign_in.forms import NewPasswordForm, PasswordForm
from webapp.store.people import audit, operators, sign_ins
from webapp.store.people.sign_ins import SignIn
from webapp.store.system.connection import Connection

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
    """Open a session, or say under the password what is wrong and how many tries are left."""
    form = PasswordForm()
    if throttle.is_too_often():
        form.add_error(form.password, "Too many tries from your address. Wait a minute, then try again.")
        return render_template("sign_in/page.html", form=form, next_page=_next_page()), 429, {"Retry-After": "60"}
    if form.validate_on_submit():
        with database() as conn:
            attempt = sign_ins.sign_in(conn, form.email.data or "", form.password.data or "")
            answer = _open(conn, attempt.operator.id, _next_page()) if attempt.operator else None
            conn.commit()
        if answer is not None:
            return answer
        form.add_error(form.password, _saying(attempt))
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
    with database() as conn:
        operator = operators.operator_of_link(conn, token)
        if operator is None:
            return render_template("sign_in/spent.html"), 410
        problem = sign_ins.password_problem(form.password.data or "", operator.email)
        if not form.validate_on_submit() or problem:
            if problem and not form.password.errors:
                form.add_error(form.password, problem)
            return render_template("sign_in/link.html", form=form, operator=operator), 422
        answer = _let_in(conn, token, form.password.data or "")
        conn.commit()
    return answer


@blueprint.post("/sign-out")
@allow(public=True)
def leave() -> ResponseReturnValue:
    """End this browser's session."""
    token = access.session_token()
    if token:
        with database() as conn:
            sign_ins.close_session(conn, token)
            conn.commit()
    answer = make_response(redirect(url_for("sign_in.show"), 303))
    access.clear_session_cookie(answer)
    return answer


def _let_in(conn: Connection, token: str, password: str) -> ResponseReturnValue:
    operator = operators.spend_link(conn, token)
    if operator is None:  # somebody was faster
        return render_template("sign_in/spent.html"), 410
    sign_ins.set_password(conn, operator.id, password)
    sign_ins.close_other_sessions(conn, operator.id, "")
    audit.note(conn, operator.email, "operator.password_set", operator.email)
    return _open(conn, operator.id, url_for("home.show"))


def _open(conn: Connection, operator_id: int, then: str) -> ResponseReturnValue:
    token = sign_ins.open_session(conn, operator_id, request.user_agent.string)
    answer = make_response(redirect(then, 303))
    access.set_session_cookie(answer, token)
    return answer


def _saying(attempt: SignIn) -> str:
    if attempt.tries_left > 0:
        return f"E-mail and password do not match. {attempt.tries_left} tries left."
    until = f"{attempt.locked_until:%H:%M} UTC" if attempt.locked_until else "a quarter of an hour from now"
    return f"Too many tries. The next one counts from {until}; a one-time link works at once."


def _next_page() -> str:
    """Where to go after signing in: only a path of our own."""
    wanted = request.args.get("next", "")
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and "\n" not in wanted
    return wanted if is_ours else url_for("home.show")
