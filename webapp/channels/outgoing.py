"""Requests to servers that an author named: to public addresses only, unless the installation allows more.

The name is resolved once, every address it has is checked, and the connection goes to one of those: a name that is
changed in between leads nowhere. Redirects are not followed, the environment's proxies are not used, and no more than
64 KiB of an answer is read.
"""

import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address, ip_network
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from webapp.channels.address_ranges import Address, embedded_ipv4, is_public

ANSWER_BYTES_MAX = 64 * 1024
PORTS = {"https": 443, "http": 80}


class ServerUnreachable(Exception):  # noqa: N818  (the other side's fault; shown with the delivery)
    """No answer came back, and why; `is_permanent` where retrying is useless until somebody fixes something."""

    def __init__(self, detail: str, *, is_permanent: bool = False) -> None:
        super().__init__(detail)
        self.is_permanent = is_permanent


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """A server's answer."""

    status: int
    body: bytes

    @property
    def is_good(self) -> bool:
        """Whether it accepted the message."""
        return 200 <= self.status < 300


def post(url: str, body: bytes, headers: Mapping[str, str], allowed: Sequence[str], seconds: float) -> ServerAnswer:
    """Send a body and read the answer, all within so many seconds. `allowed` are private networks that may be called.

    Raises `ServerUnreachable`.
    """
    target = _target(url)
    connection = _connection(target, _checked_address(target, allowed), seconds)
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    deadline = ConnectionDeadline(connection, seconds)
    try:
        connection.request("POST", path, body, {**headers, "User-Agent": "Laurel", "Connection": "close"})
        response = connection.getresponse()
        answer = ServerAnswer(response.status, response.read(ANSWER_BYTES_MAX))
    except (OSError, HTTPException, ValueError) as error:
        is_late = deadline.is_over or isinstance(error, TimeoutError)
        text = f"no answer within {seconds:g} s" if is_late else f"{type(error).__name__}: {error}"[:300]
        raise ServerUnreachable(text) from None
    finally:
        deadline.end()
        connection.close()
    if deadline.is_over:
        raise ServerUnreachable(f"no answer within {seconds:g} s")
    return answer


class ConnectionDeadline:
    """Cuts a connection when its time is over: a socket's time-out alone would let a server drip bytes for ever."""

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
        """Stop the clock: the exchange is over, in time or cut."""
        self._timer.cancel()


def _target(url: str) -> SplitResult:
    try:
        target = urlsplit(url)
        is_complete = target.scheme in PORTS and bool(target.hostname) and target.port != 0
    except ValueError:
        is_complete = False
    if not is_complete or target.username or target.password:
        raise ServerUnreachable("the address is not one that can be called", is_permanent=True)
    return target


def _checked_address(target: SplitResult, allowed: Sequence[str]) -> Address:
    """The address to connect to; every address of the name must be allowed. Raises `ServerUnreachable`."""
    host, port = str(target.hostname), target.port or PORTS[target.scheme]
    try:
        resolved = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ServerUnreachable(f"the name {host} has no address") from None
    addresses = [ip_address(str(resolved_address[4][0]).partition("%")[0]) for resolved_address in resolved]
    for address in addresses:
        if not _is_allowed(address, target.scheme, allowed):
            kind = "a plain http:// address" if is_public(address) else "an address of a private network"
            raise ServerUnreachable(f"{host} is {kind}; LAUREL_WEBHOOK_NETWORKS does not allow it", is_permanent=True)
    return addresses[0]


def _is_allowed(address: Address, scheme: str, allowed: Sequence[str]) -> bool:
    within = any(embedded_ipv4(address) in ip_network(network) for network in allowed)
    return within or (scheme == "https" and is_public(address))


def _connection(target: SplitResult, address: Address, seconds: float) -> HTTPConnection:
    host, port = str(target.hostname), target.port or PORTS[target.scheme]
    if target.scheme == "https":
        return _Https(host, port, str(address), seconds)
    return _Http(host, port, str(address), seconds)


class _Http(HTTPConnection):
    """Connects to the checked address, whatever its host's name resolves to by now."""

    def __init__(self, host: str, port: int, address: str, seconds: float) -> None:
        super().__init__(host, port, timeout=seconds)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)


class _Https(HTTPSConnection):
    """The same, with the certificate checked against the name."""

    def __init__(self, host: str, port: int, address: str, seconds: float) -> None:
        self._tls_context = ssl.create_default_context()
        super().__init__(host, port, timeout=seconds, context=self._tls_context)
        self._address = address

    def connect(self) -> None:
        plain_socket = socket.create_connection((self._address, self.port), self.timeout)
        self.sock = self._tls_context.wrap_socket(plain_socket, server_hostname=self.host)
