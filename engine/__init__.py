"""The game: pure. Values in, values out; no clock, database, network, environment or file.

Where it was compiled, its modules come from the compiled copy; see `engine.compiled`.
"""

from engine import compiled

__path__[:] = compiled.chosen_path()
