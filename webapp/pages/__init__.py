"""The pages of the browser: one folder per area; everything works without JavaScript first."""

from flask import Blueprint, Flask

from webapp import htmx
from webapp.pages import frame, guard, refusals, words
from webapp.pages.account.routes import blueprint as account
from webapp.pages.audit.routes import blueprint as audit
from webapp.pages.sign_in.routes import blueprint as sign_in

blueprints: tuple[Blueprint, ...] = (sign_in, account, audit)


def set_up(app: Flask) -> None:
    """Give the pages their words, frame, guard and refusals; called once, after the blueprints are registered."""
    htmx.set_up(app)
    words.set_up(app)
    frame.set_up(app)
    guard.set_up(app, {blueprint.name for blueprint in blueprints})
    refusals.set_up(app)
