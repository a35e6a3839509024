"""Requests to servers that an author named: to public addresses only, unless the installation allows more.

The name is resolved once, every address that it has is checked, and the connection goes to one of those: a name that
changes its mind in between leads nowhere. Redirects are not followed, proxies of the environment not asked, and of an
answer no more than 64 KiB is read.
"""

import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from threading import Timer
from urllib.parse import SplitResult, urlsplit

ANSWER_BYTES_MAX = 64 * 1024
TRANSLATED, TRANSLATED_HERE = IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48")  # RFC 6052, RFC 8215
PORTS = {"https": 443, "http": 80}

Address = IPv4Address | IPv6Address


class Unreachable(Exception):  # noqa: N818  (the other side's fault, told to whoever sees the delivery)
    """Nothing came back, and why; `is_permanent` where trying again is of no use before somebody changes something."""

    def __init__(self, detail: str, *, is_permanent: bool = False) -> None:
        super().__init__(detail)
        self.is_permanent = is_permanent


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said."""

    status: int
    body: bytes

    @property
    def is_good(self) -> bool:
        """Whether it took the message."""
        return 200 <= self.status < 300


def post(url: str, body: bytes, headers: Mapping[str, str], allowed: Sequence[str], seconds: float) -> Answer:
    """Send a body and read the answer, all within so many seconds. `allowed` are private networks that may be called.

    Raises `Unreachable`.
    """
    target = _target(url)
    connection = _connection(target, _checked(target, allowed), seconds)
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    watch = Watch(connection, seconds)
    try:
        connection.request("POST", path, body, {**headers, "User-Agent": "Laurel", "Connection": "close"})
        answer = connection.getresponse()
        said = Answer(answer.status, answer.read(ANSWER_BYTES_MAX))
    except (OSError, HTTPException, ValueError) as error:
        is_late = watch.is_over or isinstance(error, TimeoutError)
        text = f"no answer within {seconds:g} s" if is_late else f"{type(error).__name__}: {error}"[:300]
        raise Unreachable(text) from None
    finally:
        watch.end()
        connection.close()
    if watch.is_over:
        raise Unreachable(f"no answer within {seconds:g} s")
    return said


class Watch:
    """Cuts a connection when its time is over: a time-out of the socket alone lets a server drip for ever."""

    def __init__(self, connection: HTTPConnection, seconds: float) -> None:
        self.is_over, self._connection = False, connection
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def _cut(self) -> None:
        self.is_over = True
        with suppress(OSError):
            if self._connection.sock is not None:
                self._connection.sock.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """It came to an end in time, or was cut."""
        self._timer.cancel()


def _target(url: str) -> SplitResult:
    try:
        target = urlsplit(url)
        is_whole = target.scheme in PORTS and bool(target.hostname) and target.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or target.username or target.password:
        raise Unreachable("the address is not one that can be called", is_permanent=True)
    return target


def _checked(target: SplitResult, allowed: Sequence[str]) -> Address:
    """The address to connect to, once all that the name stands for were found fit."""
    host, port = str(target.hostname), target.port or PORTS[target.scheme]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable(f"the name {host} has no address") from None
    addresses = [ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    for address in addresses:
        if not _is_allowed(address, target.scheme, allowed):
            said = "a plain http:// address" if is_public(address) else "an address of a private network"
            raise Unreachable(f"{host} is {said}; LAUREL_WEBHOOK_NETWORKS does not allow it", is_permanent=True)
    return addresses[0]


def _is_allowed(address: Address, scheme: str, allowed: Sequence[str]) -> bool:
    within = any(plain(address) in ip_network(each) for each in allowed)
    return within or (scheme == "https" and is_public(address))


def plain(address: Address) -> Address:
    """An IPv4 address that is written as an IPv6 one, or reached through a translator, is what it is."""
    if isinstance(address, IPv4Address):
        return address
    within = IPv4Address(int(address) & 0xFFFFFFFF) if address in TRANSLATED else None
    return address.ipv4_mapped or address.sixtofour or within or address


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet and to one machine on it."""
    bare = plain(address)
    is_tunnel = isinstance(bare, IPv6Address) and (bare.teredo is not None or bare in TRANSLATED_HERE)
    return bare.is_global and not bare.is_multicast and not is_tunnel


def _connection(target: SplitResult, address: Address, seconds: float) -> HTTPConnection:
    host, port = str(target.hostname), target.port or PORTS[target.scheme]
    if target.scheme == "https":
        return _Https(host, port, str(address), seconds)
    return _Http(host, port, str(address), seconds)


class _Http(HTTPConnection):
    """Goes to the address that was checked, whatever its host's name means by now."""

    def __init__(self, host: str, port: int, address: str, seconds: float) -> None:
        super().__init__(host, port, timeout=seconds)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)


class _Https(HTTPSConnection):
    """The same, with the certificate checked against the name."""

    def __init__(self, host: str, port: int, address: str, seconds: float) -> None:
        self._checks = ssl.create_default_context()
        super().__init__(host, port, timeout=seconds, context=self._checks)
        self._address = address

    def connect(self) -> None:
        bare = socket.create_connection((self._address, self.port), self.timeout)
        self.sock = self._checks.wrap_socket(bare, server_hostname=self.host)
