"""Property tests have no deadline: a busy machine is no bug."""

from hypothesis import settings

settings.register_profile("engine", deadline=None)
settings.load_profile("engine")
