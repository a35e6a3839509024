"""The embedded Valkey: queue and projections, nothing on disk, so that each start proves them disposable."""

import redis

from webapp.supervisor.paths import InstallationPaths


def command(paths: InstallationPaths) -> list[str]:
    """The command line of the server. It rejects writes rather than evict a key."""
    settings = {
        "port": "0",
        "unixsocket": str(paths.sockets / "valkey.sock"),
        "unixsocketperm": "700",
        "dir": str(paths.home),
        "save": "",
        "appendonly": "no",
        "maxmemory-policy": "noeviction",
        "databases": "4",
        "set-proc-title": "no",
        "daemonize": "no",
    }
    return [str(paths.valkey)] + [part for name, value in settings.items() for part in (f"--{name}", value)]


def connection_url(paths: InstallationPaths, database: int) -> str:
    """The URL of a database through the socket: 0 is the queue's, 1 the cache's."""
    return f"unix://{paths.sockets / 'valkey.sock'}?db={database}"


def is_reachable(url: str) -> bool:
    """Whether the server answers now."""
    connection = redis.from_url(url)
    try:
        return bool(connection.ping())
    except redis.RedisError:
        return False
    finally:
        connection.close()
