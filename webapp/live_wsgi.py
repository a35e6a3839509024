"""What the live server serves: streams to browsers and players."""

import resource

from webapp.config import Settings
from webapp.live import create_live_app
from webapp.runtime import logs

# Each stream is an open file, and many systems give a process a thousand unless it asks for what it may have.
_most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (_most, _most))

logs.set_up()
app = create_live_app(Settings.from_environment())
