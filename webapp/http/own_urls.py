"""Addresses of this installation: what links are made from, which hosts are answered, which paths are its own."""

from urllib.parse import urlsplit

from flask import url_for
from werkzeug.exceptions import MisdirectedRequest

from webapp.config import Settings
from webapp.runtime.addresses import is_loopback

PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Load balancers call them by whatever address a host has, and they say nothing that depends on it."""
FIRST_PRINTABLE = "!"


def external_url(settings: Settings, endpoint: str, **values: str | int) -> str:
    """The whole URL of a route, made from the public URL and never from what a request says of its host."""
    path = url_for(endpoint, **values)  # type: ignore[arg-type]  # names of the path, not of its own parameters
    return settings.public_url + path


def is_own_path(text: str) -> bool:
    """Whether a browser that is redirected there stays on this installation.

    Browsers drop tabs and line breaks and take a backslash for a slash, so none of these is let through.
    """
    if not text.startswith("/") or text.startswith("//") or "\\" in text or min(text) < FIRST_PRINTABLE:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc


def reject_foreign_host(settings: Settings, host: str, path: str) -> None:
    """Raise MisdirectedRequest (421) for a `Host` that this installation is not known by.

    It is known by the host of its public URL, the names in LAUREL_ALLOWED_HOSTS, where it listens, and this machine's
    own names. Where neither is set nobody has said what it is called, and any name will do: no link depends on it.
    """
    if settings.own_url is None and not settings.allowed_hosts:
        return
    name = host_name(host)
    if path in PROBES or name in {"", "localhost"} or is_loopback(name):
        return
    allowed = {host_name(urlsplit(settings.public_url).netloc), settings.bind, *settings.allowed_hosts}
    if name not in allowed:
        raise MisdirectedRequest(f"{name or 'this host'} is not a name of this installation: see LAUREL_PUBLIC_URL")


def host_name(host: str) -> str:
    """The name or the address in a `Host` header, in lower case, without its port."""
    text = host.strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0].rstrip(".")
