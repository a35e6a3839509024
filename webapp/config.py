"""What may be set from outside: read once, checked at once, then frozen."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Self

from webapp.runtime.secrets_file import secret_key

PORT_MAX = 65_535
SERVERS_FILE = Path("run", "servers.json")


class SettingsError(SystemExit):
    """A setting that Laurel cannot start with; printed as one line, it ends the program with status 2."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name, self.reason = name, reason


@dataclass(frozen=True, slots=True)
class Place:
    """Where Laurel lives on this machine: its folder, its ports, its number of drain workers."""

    data_dir: Path
    port: int
    live_port: int
    workers: int
    bind: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read LAUREL_DATA_DIR, LAUREL_PORT, LAUREL_LIVE_PORT, LAUREL_WORKERS and LAUREL_BIND."""
        port = _number(environment, "LAUREL_PORT", 8000, 1, PORT_MAX - 1)
        return cls(
            data_dir=Path(environment.get("LAUREL_DATA_DIR") or ".laurel").expanduser().resolve(),
            port=port,
            live_port=_number(environment, "LAUREL_LIVE_PORT", port + 1, 1, PORT_MAX),
            workers=_number(environment, "LAUREL_WORKERS", os.cpu_count() or 1, 1, 64),
            bind=environment.get("LAUREL_BIND") or "127.0.0.1",
        )


@dataclass(frozen=True, slots=True)
class Servers:
    """Addresses of the servers that hold Laurel's data; `owner_url` may change tables, `database_url` may not."""

    database_url: str = field(repr=False)
    owner_url: str = field(repr=False)
    queue_url: str = field(repr=False)
    cache_url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the web, the workers and the commands are told."""

    data_dir: Path
    port: int
    live_port: int
    workers: int
    bind: str
    database_url: str = field(repr=False)
    owner_url: str = field(repr=False)
    queue_url: str = field(repr=False)
    cache_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    is_testing: bool = False
    backlog_max: int = 200_000  # pending entries beyond which ingest answers 429
    plays_backlog_max: int = 20_000  # plays that wait in one game, beyond which it answers 429
    plays_notice: int = 2_000  # plays that wait in one game, from which on players are told that outcomes are late
    proxies: int = 0  # of one's own before the web: so many addresses of `X-Forwarded-For` are believed
    webhook_networks: tuple[str, ...] = ()  # networks that are not public and may be called all the same
    waiters_max: int = 24  # of a web process's 32 threads, those that may wait for an outcome
    body_bytes_max: int = 24 * 1024 * 1024  # 1000 events of 16 KiB, and their surroundings
    pool_size: int = 24  # connections of one process
    key_requests_per_second: int = 5_000  # of one API key; a batch is one request

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the environment and, for embedded servers, what the running supervisor wrote into the data folder."""
        place = Place.from_environment(environment)
        servers = servers_of(place, environment)
        return cls(
            data_dir=place.data_dir,
            port=place.port,
            live_port=place.live_port,
            workers=_workers(place, environment),
            bind=place.bind,
            database_url=servers.database_url,
            owner_url=servers.owner_url,
            queue_url=servers.queue_url,
            cache_url=servers.cache_url,
            secret_key=environment.get("LAUREL_SECRET_KEY") or secret_key(place.data_dir),
            backlog_max=_number(environment, "LAUREL_BACKLOG_MAX", 200_000, 1_000, 100_000_000),
            plays_backlog_max=_number(environment, "LAUREL_PLAYS_BACKLOG_MAX", 20_000, 100, 10_000_000),
            plays_notice=_number(environment, "LAUREL_PLAYS_NOTICE", 2_000, 1, 10_000_000),
            webhook_networks=_networks(environment, "LAUREL_WEBHOOK_NETWORKS"),
            proxies=_number(environment, "LAUREL_PROXIES", 0, 0, 10),
            pool_size=_number(environment, "LAUREL_POOL_SIZE", 24, 2, 200),
            key_requests_per_second=_number(environment, "LAUREL_KEY_REQUESTS_PER_SECOND", 5_000, 1, 1_000_000),
        )

    @property
    def web_url(self) -> str:
        """What a browser on this machine calls the web application."""
        return f"http://{local_name(self.bind)}:{self.port}"


def local_name(bind: str) -> str:
    """How this machine itself reaches what listens on an address."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(bind, bind)  # noqa: S104  (told, not bound)


def servers_of(place: Place, environment: Mapping[str, str]) -> Servers:
    """The servers that the environment names; what it does not name is embedded and must have been started."""
    named = named_servers(environment)
    known = _owned(embedded_servers(place.data_dir), named) | named
    if not ("database_url" in known and "queue_url" in known):
        reason = f"Laurel has never run from {place.data_dir}; start it with `laurel up`"
        raise SettingsError("LAUREL_DATA_DIR", reason)
    database, queue = known["database_url"], known["queue_url"]
    return Servers(database, known.get("owner_url", database), queue, known.get("cache_url", queue))


def _owned(embedded: dict[str, Any], named: dict[str, str]) -> dict[str, Any]:
    """Leave out the embedded server's owner where another database is named: it has no such owner."""
    return {name: known for name, known in embedded.items() if name != "owner_url" or "database_url" not in named}


def named_servers(environment: Mapping[str, str]) -> dict[str, str]:
    """The addresses that the environment has, by the names of `Servers`."""
    postgres, redis = ("postgresql", "postgres"), ("redis", "rediss", "unix", "valkey", "valkeys")
    found = {
        "database_url": _url(environment, "LAUREL_DATABASE_URL", postgres),
        "owner_url": _url(environment, "LAUREL_OWNER_URL", postgres),
        "queue_url": _url(environment, "LAUREL_QUEUE_URL", redis),
        "cache_url": _url(environment, "LAUREL_CACHE_URL", redis),
    }
    return {name: url for name, url in found.items() if url}


def embedded_servers(data_dir: Path) -> dict[str, Any]:
    """What the supervisor of this folder last wrote about its servers; nothing before its first start."""
    try:
        written: dict[str, Any] = json.loads((data_dir / SERVERS_FILE).read_text())
    except FileNotFoundError:
        return {}
    return written


def _workers(place: Place, environment: Mapping[str, str]) -> int:
    """Hints must go to the lanes that are served: the supervisor's word counts, unless the environment has its own."""
    written = embedded_servers(place.data_dir).get("workers")
    return place.workers if "LAUREL_WORKERS" in environment or written is None else int(written)


def _number(environment: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environment.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise SettingsError(name, f"must be a whole number from {least} to {most}, not {text!r}")
    return int(text)


def _networks(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Networks as `10.0.0.0/8`, with commas between them."""
    try:
        return tuple(str(ip_network(each.strip())) for each in (environment.get(name) or "").split(",") if each.strip())
    except ValueError as error:
        raise SettingsError(name, f"must be networks as 10.0.0.0/8, with commas between them: {error}") from None


def _url(environment: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    text = environment.get(name) or None
    if text is not None and text.partition("://")[0].partition("+")[0] not in schemes:
        raise SettingsError(name, f"must be an address that begins with {schemes[0]}://")
    return text
