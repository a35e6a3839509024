"""What the web server serves."""

from webapp import create_app, logs
from webapp.config import Settings

logs.set_up()
app = create_app(Settings.from_environment())
