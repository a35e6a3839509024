"""Configuration from the environment: read once, validated at once, then frozen."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from webapp.runtime.secrets_file import secret_key

PORT_MAX = 65_535
SERVERS_FILE = Path("run", "servers.json")
HEARTBEATS = Path("run", "web")


class SettingsError(SystemExit):
    """A setting that Laurel cannot start with; ends the program with one line on standard error."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name, self.reason = name, reason


HANG_SECONDS = 30
"""How long a web process may be silent: longer than any pause of a machine that is merely busy."""


@dataclass(frozen=True, slots=True)
class InstanceConfig:
    """What one installation occupies on this machine: its folder, its port, its number of drain workers."""

    data_dir: Path
    port: int
    workers: int
    bind: str
    has_http2: bool = False
    hang_seconds: int = HANG_SECONDS

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read LAUREL_DATA_DIR, LAUREL_PORT, LAUREL_WORKERS, LAUREL_BIND, LAUREL_HTTP2 and LAUREL_HANG_SECONDS."""
        return cls(
            data_dir=Path(environment.get("LAUREL_DATA_DIR") or ".laurel").expanduser().resolve(),
            port=_integer(environment, "LAUREL_PORT", 8000, 1, PORT_MAX),
            workers=_integer(environment, "LAUREL_WORKERS", os.cpu_count() or 1, 1, 64),
            bind=environment.get("LAUREL_BIND") or "127.0.0.1",
            has_http2=bool(_integer(environment, "LAUREL_HTTP2", 0, 0, 1)),
            hang_seconds=_integer(environment, "LAUREL_HANG_SECONDS", HANG_SECONDS, 5, 3600),
        )


@dataclass(frozen=True, slots=True)
class ServerUrls:
    """URLs of the servers that hold Laurel's data; `owner_url` may alter tables, `database_url` may not."""

    database_url: str = field(repr=False)
    owner_url: str = field(repr=False)
    queue_url: str = field(repr=False)
    cache_url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the web servers, the workers and the commands."""

    data_dir: Path
    port: int
    workers: int
    bind: str
    database_url: str = field(repr=False)
    owner_url: str = field(repr=False)
    queue_url: str = field(repr=False)
    cache_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    is_testing: bool = False
    backlog_max: int = 200_000  # pending entries beyond which ingestion answers 429
    plays_backlog_max: int = 20_000  # queued plays of one game beyond which it answers 429
    plays_notice: int = 2_000  # queued plays of one game from which players see that outcomes are delayed
    proxies: int = 0  # trusted proxies in front: so many addresses of `X-Forwarded-For` are believed
    webhook_networks: tuple[str, ...] = ()  # non-public networks that webhooks may call
    waiters_max: int = 2_000  # requests of one web process that may long-poll at once
    own_url: str | None = None  # LAUREL_PUBLIC_URL: under which the outside knows this installation; no path, no slash
    allowed_hosts: tuple[str, ...] = ()  # further names that requests may come by
    metrics_token: str | None = field(default=None, repr=False)  # what `/metrics` asks for; public without one
    requests_per_address: int = 1_000  # open at once in one web process, streams included; this machine may have more
    body_bytes_max: int = 24 * 1024 * 1024  # 1000 events of 16 KiB, and what surrounds them
    pool_size: int = 24  # connections of one process
    key_requests_per_second: int = 5_000  # of one API key; a batch is one request

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the environment and, for embedded servers, the file that the supervisor wrote into the data folder."""
        instance = InstanceConfig.from_environment(environment)
        urls = resolve_server_urls(instance, environment)
        as_started = started_with(instance.data_dir) | _set(environment)
        return cls(
            data_dir=instance.data_dir,
            port=_integer(as_started, "LAUREL_PORT", instance.port, 1, PORT_MAX),
            workers=_integer(as_started, "LAUREL_WORKERS", instance.workers, 1, 64),
            bind=as_started.get("LAUREL_BIND") or instance.bind,
            own_url=_public_url(as_started),
            allowed_hosts=_names(as_started, "LAUREL_ALLOWED_HOSTS"),
            metrics_token=environment.get("LAUREL_METRICS_TOKEN") or None,
            database_url=urls.database_url,
            owner_url=urls.owner_url,
            queue_url=urls.queue_url,
            cache_url=urls.cache_url,
            secret_key=environment.get("LAUREL_SECRET_KEY") or secret_key(instance.data_dir),
            backlog_max=_integer(environment, "LAUREL_BACKLOG_MAX", 200_000, 1_000, 100_000_000),
            plays_backlog_max=_integer(environment, "LAUREL_PLAYS_BACKLOG_MAX", 20_000, 100, 10_000_000),
            plays_notice=_integer(environment, "LAUREL_PLAYS_NOTICE", 2_000, 1, 10_000_000),
            webhook_networks=_networks(environment, "LAUREL_WEBHOOK_NETWORKS"),
            proxies=_integer(environment, "LAUREL_PROXIES", 0, 0, 10),
            requests_per_address=_integer(environment, "LAUREL_REQUESTS_PER_ADDRESS", 1_000, 10, 1_000_000),
            pool_size=_integer(environment, "LAUREL_POOL_SIZE", 24, 2, 200),
            key_requests_per_second=_integer(environment, "LAUREL_KEY_REQUESTS_PER_SECOND", 5_000, 1, 1_000_000),
        )

    @property
    def web_url(self) -> str:
        """The URL of the web application for a browser on this machine."""
        return f"http://{local_address(self.bind)}:{self.port}"

    @property
    def public_url(self) -> str:
        """What every link is made from: LAUREL_PUBLIC_URL, or else the address that is listened on."""
        return self.own_url or self.web_url

    def cookie_name(self, name: str) -> str:
        """A cookie's full name: cookies are per host, so the port keeps two installations on one host apart.

        Under TLS the prefix makes browsers refuse such a cookie from any other place, such as a neighbouring subdomain.
        """
        return f"{'__Host-' if self.is_https else ''}{name}_{self.port}"

    @property
    def is_https(self) -> bool:
        """Whether browsers reach this installation over TLS only."""
        return self.public_url.startswith("https://")


def local_address(bind: str) -> str:
    """The address at which this machine itself reaches what is bound to `bind`."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(bind, bind)  # noqa: S104  (compared, not bound)


def resolve_server_urls(instance: InstanceConfig, environment: Mapping[str, str]) -> ServerUrls:
    """URLs from the environment; a server that it does not name is embedded and must have been started once."""
    configured = server_urls_from_environment(environment)
    urls = _without_embedded_owner(read_servers_file(instance.data_dir), configured) | configured
    if not ("database_url" in urls and "queue_url" in urls):
        reason = f"Laurel has never been started in {instance.data_dir}; start it with `laurel up`"
        raise SettingsError("LAUREL_DATA_DIR", reason)
    database, queue = urls["database_url"], urls["queue_url"]
    return ServerUrls(database, urls.get("owner_url", database), queue, urls.get("cache_url", queue))


def _without_embedded_owner(embedded: dict[str, Any], configured: dict[str, str]) -> dict[str, Any]:
    """Drop the embedded server's owner URL where another database is configured: it has no such owner."""
    return {name: url for name, url in embedded.items() if name != "owner_url" or "database_url" not in configured}


def server_urls_from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The server URLs that the environment sets, by the field names of `ServerUrls`."""
    postgres, redis = ("postgresql", "postgres"), ("redis", "rediss", "unix", "valkey", "valkeys")
    urls = {
        "database_url": _url(environment, "LAUREL_DATABASE_URL", postgres),
        "owner_url": _url(environment, "LAUREL_OWNER_URL", postgres),
        "queue_url": _url(environment, "LAUREL_QUEUE_URL", redis),
        "cache_url": _url(environment, "LAUREL_CACHE_URL", redis),
    }
    return {name: url for name, url in urls.items() if url}


def read_servers_file(data_dir: Path) -> dict[str, Any]:
    """What the supervisor of this folder last wrote about its embedded servers; empty before its first start."""
    try:
        written: dict[str, Any] = json.loads((data_dir / SERVERS_FILE).read_text())
    except FileNotFoundError:
        return {}
    return written


STARTED_WITH = ("LAUREL_PORT", "LAUREL_WORKERS", "LAUREL_BIND", "LAUREL_PUBLIC_URL", "LAUREL_ALLOWED_HOSTS")
"""What the supervisor records, so that commands in another shell speak of the same installation as it does."""


def started_with(data_dir: Path) -> dict[str, str]:
    """How the last supervisor of this folder was started: the variables above, by name; empty before the first."""
    return dict(read_servers_file(data_dir).get("started_with", {}))


def record_of_start(instance: InstanceConfig, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What the supervisor writes for `started_with`, the defaults included."""
    defaults = {
        "LAUREL_PORT": str(instance.port),
        "LAUREL_WORKERS": str(instance.workers),
        "LAUREL_BIND": instance.bind,
    }
    return defaults | {name: value for name, value in _set(environment).items() if name in STARTED_WITH}


def _set(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that are set to anything."""
    return {name: value for name, value in environment.items() if value}


def _public_url(environment: Mapping[str, str]) -> str | None:
    """LAUREL_PUBLIC_URL without a slash at its end."""
    name = "LAUREL_PUBLIC_URL"
    text = environment.get(name)
    if not text:
        return None
    try:
        parts = urlsplit(text)
        is_origin = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_origin = False
    if not is_origin or text.rstrip("/") != f"{parts.scheme}://{parts.netloc}" or "@" in text:
        raise SettingsError(name, f"must be a URL without a path, such as https://laurel.example.org, not {text!r}")
    return text.rstrip("/").lower()


def _names(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    """A comma-separated list of host names."""
    return tuple(part.strip().lower() for part in (environment.get(name) or "").split(",") if part.strip())


def _integer(environment: Mapping[str, str], name: str, default: int, minimum: int, maximum: int) -> int:
    text = environment.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and minimum <= int(text) <= maximum):
        raise SettingsError(name, f"must be an integer from {minimum} to {maximum}, not {text!r}")
    return int(text)


def _networks(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    """A comma-separated list of networks such as `10.0.0.0/8`."""
    try:
        return tuple(str(ip_network(part.strip())) for part in (environment.get(name) or "").split(",") if part.strip())
    except ValueError as error:
        raise SettingsError(name, f"must be a comma-separated list of networks such as 10.0.0.0/8: {error}") from None


def _url(environment: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    text = environment.get(name) or None
    if text is not None and text.partition("://")[0].partition("+")[0] not in schemes:
        raise SettingsError(name, f"must be a URL that begins with {schemes[0]}://")
    return text
