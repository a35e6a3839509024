"""A taken port is told before anything is started."""

import socket

from webapp.config import Place, SettingsError


def refuse_taken(place: Place) -> None:
    """End the program with one line if somebody already listens where we want to."""
    for name, port in (("LAUREL_PORT", place.port), ("LAUREL_LIVE_PORT", place.live_port)):
        if is_taken(place.bind, port):
            raise SettingsError(name, f"port {port} on {place.bind} is taken; choose another with --port or {name}")


def is_taken(bind: str, port: int) -> bool:
    """Whether this port cannot be listened on now."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
            probe.listen(1)
        except OSError:
            return True
    return False
