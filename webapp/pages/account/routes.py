"""One's own account: sessions that can be ended one by one, the password, light or dark."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.http.access import Role, allow, session_token, settings
from webapp.pages.account.forms import ChangePasswordForm
from webapp.pages.formats import minutes
from webapp.pages.layout import THEME_COOKIE, THEMES, database, operator
from webapp.pages.sign_in import throttle
from webapp.runtime.tokens import token_hash
from webapp.services.people import account
from webapp.services.people.sign_in import WeakPassword, WrongPassword
from webapp.store.people import sign_ins
from webapp.store.people.sign_ins import Session

blueprint = Blueprint("account", __name__, url_prefix="/account")
YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class AccountPage:
    """The sessions of the signed-in operator, the newest first, and the form to change the password.

    `current_session` is the key of the session that shows the page.
    """

    sessions: Sequence[Session]
    current_session: str
    form: ChangePasswordForm


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
    if seconds := throttle.wait_of_account(operator().email):
        form.add_error(form.present, f"Too many tries. Wait {minutes(seconds)}, then try again.")
        return _page(form), 429, {"Retry-After": str(seconds)}
    try:
        account.change_password(
            settings(), operator(), form.present.data or "", form.wished.data or "", session_token() or ""
        )
    except WrongPassword:
        form.add_error(form.present, "Wrong password.")
        return _page(form), 422
    except WeakPassword as weak:
        form.add_error(form.wished, str(weak))
        return _page(form), 422
    throttle.forgive(operator().email)
    flash("Password changed. All other sessions have ended.", "good")
    return redirect(url_for(".show"), 303)


@blueprint.post("/sessions/<key>/end")
@allow(role=Role.VIEWER)
def end_session(key: str) -> ResponseReturnValue:
    """End one session of one's own."""
    if not account.end_session(settings(), operator(), key):
        abort(404)
    flash("Session ended.", "good")
    return redirect(url_for(".show"), 303)


@blueprint.post("/sessions/others/end")
@allow(role=Role.VIEWER)
def end_others() -> ResponseReturnValue:
    """Sign out everywhere but here."""
    account.end_other_sessions(settings(), operator(), session_token() or "")
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
    current = sha256(token_hash(session_token() or "")).digest()[:8].hex()
    return render_template("account/page.html", view=AccountPage(sessions, current, form))
