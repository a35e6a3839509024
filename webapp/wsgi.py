"""The WSGI application of the web server."""

from webapp import create_app
from webapp.config import Settings
from webapp.runtime import logs

logs.set_up()
app = create_app(Settings.from_environment())
