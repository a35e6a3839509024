"""What the live server serves: streams to browsers and players."""

from webapp import logs
from webapp.config import Settings
from webapp.live import create_live_app

logs.set_up()
app = create_live_app(Settings.from_environment())
