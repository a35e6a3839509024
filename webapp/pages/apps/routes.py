"""Apps and keys: make them, revoke keys, and see the first event arrive."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from webapp.http.access import Role, actor, allow, settings
from webapp.pages.apps.forms import AppForm, KeyForm
from webapp.pages.confirmation import Confirmation, ask_for_name, confirmation_page, irreversible
from webapp.pages.first_event import PreparedEvent, prepared_event
from webapp.pages.layout import database, may
from webapp.services.people.api_keys import create_api_key, revoke_api_key
from webapp.services.people.app_registration import AppExists, register_app
from webapp.store.people import apps
from webapp.store.people.apps import ApiKey
from webapp.store.system.connection import Connection

blueprint = Blueprint("apps", __name__, url_prefix="/apps")


@dataclass(frozen=True, slots=True)
class ListedApp:
    """An app with its keys."""

    key: str
    name: str
    keys: Sequence[ApiKey]


@dataclass(frozen=True, slots=True)
class AppsPage:
    """Every app with its keys, and the forms that make more."""

    apps: Sequence[ListedApp]
    key_form: KeyForm
    app_form: AppForm
    may_change: bool


@dataclass(frozen=True, slots=True)
class NewKeyPage:
    """A key that was made just now, shown this once; `first_event` is None for a key that cannot send events."""

    secret: str
    name: str
    app: str
    first_event: PreparedEvent | None


@blueprint.get("")
@allow(role=Role.VIEWER)
def show() -> ResponseReturnValue:
    """Every app with its keys; admins also get the forms."""
    with database() as conn:
        return _page(conn, KeyForm(formdata=None), AppForm(formdata=None))


@blueprint.post("/keys")
@allow(role=Role.ADMIN)
def make_key() -> ResponseReturnValue:
    """Make a key and show it, this once, with the first event ready to be sent."""
    form = KeyForm()
    with database() as conn:
        form.app.choices = _choices(conn)
        if not form.validate_on_submit():
            return _page(conn, form, AppForm(formdata=None)), 422
    scopes = form.scopes.data or []
    secret = create_api_key(settings(), form.app.data, form.name.data or "", scopes, actor())
    may_send = {"events:write", "admin"} & set(scopes)
    prepared = prepared_event(settings().public_url, secret) if may_send else None
    view = NewKeyPage(secret, form.name.data or "", form.app.data, prepared)
    return render_template("apps/key.html", view=view), 201


@blueprint.post("")
@allow(role=Role.ADMIN)
def make_app() -> ResponseReturnValue:
    """Make an app."""
    form = AppForm()
    if form.validate_on_submit():
        try:
            register_app(settings(), form.key.data or "", form.name.data or "", actor())
        except AppExists:
            form.add_error(form.key, "An app with this key already exists.")
        else:
            flash(f"App {form.name.data} created. Next, create a key for it.", "good")
            return redirect(url_for(".show"), 303)
    with database() as conn:
        return _page(conn, KeyForm(formdata=None), form), 422


@blueprint.get("/keys/<int:number>/revocation")
@allow(role=Role.ADMIN)
def ask_revocation(number: int) -> ResponseReturnValue:
    """Ask before a key is ended."""
    with database() as conn:
        return confirmation_page(_revocation(_key(conn, number)))


@blueprint.post("/keys/<int:number>/revocation")
@allow(role=Role.ADMIN)
@irreversible
def revoke(number: int) -> ResponseReturnValue:
    """End a key from its next request on, once its name was typed."""
    with database() as conn:
        key = _key(conn, number)
    if page := ask_for_name(_revocation(key)):
        return page
    revoke_api_key(settings(), number, actor())
    flash(f"Key {key.name} revoked.", "good")
    return redirect(url_for(".show"), 303)


def _revocation(key: ApiKey) -> Confirmation:
    consequence = f"Requests with {key.prefix}… get 401 from now on. Events it has sent remain."
    return Confirmation(key.name, f"Revoke {key.name}?", consequence, "Revoke this key", url_for(".show"))


def _key(conn: Connection, number: int) -> ApiKey:
    return next((key for key in apps.keys(conn) if key.id == number), None) or abort(404)


def _choices(conn: Connection) -> list[SelectChoice]:
    return [SelectChoice(app.key, app.name) for app in apps.all_apps(conn)]


def _page(conn: Connection, key_form: KeyForm, app_form: AppForm) -> str:
    key_form.app.choices = _choices(conn)
    keys = apps.keys(conn)
    listed = [ListedApp(app.key, app.name, [key for key in keys if key.app == app.key]) for app in apps.all_apps(conn)]
    view = AppsPage(listed, key_form, app_form, may_change=may(Role.ADMIN))
    return render_template("apps/page.html", view=view)
