"""Live streams: they tell browsers that something changed, and players the outcomes of their plays."""

from webapp.live import plays, streams

blueprints = (streams.blueprint, plays.blueprint)
"""Served on the event loop, by an ASGI server."""
