"""The live server: streams that tell browsers that something changed; the pages then fetch what it is."""

from flask import Flask

from webapp.config import Settings
from webapp.http import access
from webapp.live import plays, streams
from webapp.store.system.connection import bound_pools

PING_SECONDS = 25


def create_live_app(settings: Settings) -> Flask:
    """Build the live application; one listener to Redis serves all streams of the process."""
    bound_pools(settings.pool_size)
    app = Flask("webapp.live", static_folder=None)
    app.config["LAUREL"] = settings
    app.config["SOCK_SERVER_OPTIONS"] = {"ping_interval": PING_SECONDS}
    app.register_blueprint(streams.blueprint)
    app.register_blueprint(plays.blueprint)
    plays.sockets.init_app(app)
    app.after_request(streams.allow_own_pages)
    access.set_up(app)
    return app
