"""The embedded Valkey: a queue and projections, nothing on disk, so that each start proves them disposable."""

import redis

from webapp.supervisor.paths import Ground


def command(ground: Ground) -> list[str]:
    """The words that start the server. It refuses writes rather than forget a key."""
    settings = {
        "port": "0",
        "unixsocket": str(ground.sockets / "valkey.sock"),
        "unixsocketperm": "700",
        "dir": str(ground.home),
        "save": "",
        "appendonly": "no",
        "maxmemory-policy": "noeviction",
        "databases": "4",
        "set-proc-title": "no",
        "daemonize": "no",
    }
    return [str(ground.valkey)] + [part for name, value in settings.items() for part in (f"--{name}", value)]


def address(ground: Ground, database: int) -> str:
    """A database's URL through the socket: 0 is the queue's, 1 the cache's."""
    return f"unix://{ground.sockets / 'valkey.sock'}?db={database}"


def answers(url: str) -> bool:
    """Whether the server answers now."""
    connection = redis.from_url(url)
    try:
        return bool(connection.ping())
    except redis.RedisError:
        return False
    finally:
        connection.close()
