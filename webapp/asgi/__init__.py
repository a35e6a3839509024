"""The one ASGI application: hot routes and streams on the event loop, everything else through Flask in threads."""
