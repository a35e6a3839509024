"""The pages of the browser: one folder per area; everything works without JavaScript first."""

from flask import Blueprint, Flask

from webapp.config import Settings
from webapp.http import htmx
from webapp.pages import csrf, entry_words, error_pages, formats, layout
from webapp.pages.account.routes import blueprint as account
from webapp.pages.apps.routes import blueprint as apps
from webapp.pages.audit.routes import blueprint as audit
from webapp.pages.campaigns.code_files import blueprint as code_files
from webapp.pages.campaigns.code_reveal import blueprint as code_reveal
from webapp.pages.campaigns.coupons import blueprint as coupons
from webapp.pages.campaigns.draws import blueprint as draws
from webapp.pages.campaigns.routes import blueprint as campaigns
from webapp.pages.campaigns.simulator import blueprint as simulator
from webapp.pages.campaigns.synthetic_traffic import blueprint as synthetic_traffic
from webapp.pages.drafts.routes import blueprint as drafts
from webapp.pages.editor import drawn_rows
from webapp.pages.editor.badge_images import blueprint as badge_images
from webapp.pages.editor.routes import blueprint as editor
from webapp.pages.events.routes import blueprint as events
from webapp.pages.help.routes import blueprint as help_
from webapp.pages.home.routes import blueprint as home
from webapp.pages.jump.routes import blueprint as jump
from webapp.pages.leaderboards.routes import blueprint as leaderboards
from webapp.pages.library.routes import blueprint as library
from webapp.pages.operators.routes import blueprint as operators
from webapp.pages.parked.routes import blueprint as parked
from webapp.pages.play.routes import blueprint as play
from webapp.pages.players.routes import blueprint as players
from webapp.pages.rewards.routes import blueprint as rewards
from webapp.pages.rules.bulk_actions import blueprint as chosen
from webapp.pages.rules.routes import blueprint as rules
from webapp.pages.sign_in import throttle
from webapp.pages.sign_in.routes import blueprint as sign_in
from webapp.pages.tryout.routes import blueprint as tryout

blueprints: tuple[Blueprint, ...] = (
    *(sign_in, account, home, events, chosen, library, editor, badge_images, tryout, drafts, rules, players),
    *(leaderboards, campaigns, coupons, code_files, code_reveal, synthetic_traffic, simulator, draws, rewards, play),
    *(parked, audit, apps, operators, help_, jump),
)


def set_up(app: Flask, settings: Settings) -> None:
    """Give the pages their words, frame, guard and refusals; called once, after the blueprints are registered."""
    htmx.set_up(app)
    formats.set_up(app)
    entry_words.set_up(app)
    layout.set_up(app)
    drawn_rows.set_up(app)
    csrf.set_up(app, {blueprint.name for blueprint in blueprints} - {play.name})
    error_pages.set_up(app)
    throttle.set_up(app, settings.cache_url)
