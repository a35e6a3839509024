"""One's own account: sessions that can be ended one by one, the password, light or dark."""

from hashlib import sha256

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.http import access
from webapp.http.access import Role, allow
from webapp.pages.account.forms import ChangePasswordForm
from webapp.pages.layout import THEME_COOKIE, THEMES, database, operator
from webapp.runtime.tokens import token_hash
from webapp.store.people import audit, sign_ins

blueprint = Blueprint("account", __name__, url_prefix="/account")
YEAR_SECONDS = 365 * 24 * 3600


@blueprint.get("")
@allow(role=Role.VIEWER)
def show() -> ResponseReturnValue:
    """Sessions, password and look."""
    return _page(ChangePasswordForm())


@blueprint.post("/password")
@allow(role=Role.VIEWER)
def change_password() -> ResponseReturnValue:
    """Change the password and sign out everywhere else."""
    form = ChangePasswordForm()
    if not form.validate_on_submit():
        return _page(form), 422
    with database() as conn:
        attempt = sign_ins.sign_in(conn, operator().email, form.present.data or "")
        problem = sign_ins.password_problem(form.wished.data or "", operator().email)
        if attempt.operator is None:
            form.add_error(form.present, f"This is not the present password. {attempt.tries_left} tries left.")
        elif problem:
            form.add_error(form.wished, problem)
        else:
            sign_ins.set_password(conn, operator().id, form.wished.data or "")
            sign_ins.close_other_sessions(conn, operator().id, access.session_token() or "")
            audit.note(conn, operator().email, "operator.password_set", operator().email)
        conn.commit()
    if form.errors:
        return _page(form), 422
    flash("The password is changed; other sessions have ended.", "good")
    return redirect(url_for(".show"), 303)


@blueprint.post("/sessions/<key>/end")
@allow(role=Role.VIEWER)
def end_session(key: str) -> ResponseReturnValue:
    """End one session of one's own."""
    with database() as conn:
        is_ended = sign_ins.close_session_of(conn, operator().id, key)
        conn.commit()
    if not is_ended:
        abort(404)
    flash("The session has ended.", "good")
    return redirect(url_for(".show"), 303)


@blueprint.post("/sessions/others/end")
@allow(role=Role.VIEWER)
def end_others() -> ResponseReturnValue:
    """Sign out everywhere but here."""
    with database() as conn:
        sign_ins.close_other_sessions(conn, operator().id, access.session_token() or "")
        conn.commit()
    flash("All other sessions have ended.", "good")
    return redirect(url_for(".show"), 303)


@blueprint.post("/theme")
@allow(role=Role.VIEWER)
def choose_theme() -> ResponseReturnValue:
    """Remember in this browser whether pages are light, dark, or as the system is."""
    theme = request.form.get("theme", "")
    if theme not in THEMES:
        abort(400)
    answer = make_response(redirect(url_for(".show"), 303))
    answer.set_cookie(THEME_COOKIE, theme, max_age=YEAR_SECONDS, samesite="Lax", httponly=True)
    return answer


def _page(form: ChangePasswordForm) -> str:
    with database() as conn:
        sessions = sign_ins.sessions_of(conn, operator().id)
    present = sha256(token_hash(access.session_token() or "")).digest()[:8].hex()
    return render_template("account/page.html", form=form, sessions=sessions, present=present)
