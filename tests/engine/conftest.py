"""Property tests have no deadline: a busy machine is no bug. `make test-long` tries more examples."""

from hypothesis import settings

from tests.lengths import brief_or_long

settings.register_profile("engine", deadline=None, max_examples=brief_or_long(50, 200))
settings.load_profile("engine")
