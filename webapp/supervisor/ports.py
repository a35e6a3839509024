"""A port that is in use is reported before anything is started."""

import socket

from webapp.config import InstanceConfig, SettingsError


def require_free_port(instance: InstanceConfig) -> None:
    """Raise SettingsError where another process already listens on our port."""
    if is_in_use(instance.bind, instance.port):
        reason = f"port {instance.port} on {instance.bind} is in use; choose another with --port or LAUREL_PORT"
        raise SettingsError("LAUREL_PORT", reason)


def is_in_use(bind: str, port: int) -> bool:
    """Whether this port cannot be listened on at present."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
            probe.listen(1)
        except OSError:
            return True
    return False
