"""The game: pure. Values in, values out; no clock, database, network, environment or file."""
