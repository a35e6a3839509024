"""The WSGI application of the live server: streams to browsers and players."""

import resource

from webapp.config import Settings
from webapp.live import create_live_app
from webapp.runtime import logs

# Each stream is an open file, and the default limit on many systems is about a thousand.
_open_files_max = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (_open_files_max, _open_files_max))

logs.set_up()
app = create_live_app(Settings.from_environment())
