"""The guard of outgoing requests: public addresses only, whatever a name says, and no answer is waited for for long."""

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.channels import outgoing
from webapp.channels.address_ranges import REFUSED_IPV4, embedded_ipv4, is_public
from webapp.channels.outgoing import ServerUnreachable, post

HERE = ("127.0.0.0/8",)
PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "2002:7f00:1::", "64:ff9b:1::1", "64:ff9b::10.0.0.1", "2001::1", "192.0.2.1",
    "::127.0.0.1", "::ffff:0:127.0.0.1", "fec0::1", "5f00::1", "3fff::1", "192.0.0.192", "192.88.99.1",
    "168.63.129.16", "100::1", "2001:db8::1", "2001:20::1", "198.18.0.1", "203.0.113.9", "240.0.0.1", "4000::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_not_the_public_internet(address: str) -> None:
    assert not is_public(ip_address(address))


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6))
def test_what_python_knows_as_special_is_never_public(address: IPv4Address | IPv6Address) -> None:
    """Hypothesis draws half of its addresses from the registries' ranges."""
    if is_public(address):
        assert embedded_ipv4(address).is_global
        assert not embedded_ipv4(address).is_multicast


@given(st.sampled_from(REFUSED_IPV4), st.integers(0, 2**32 - 1))
def test_no_way_to_write_an_ipv4_address_into_an_ipv6_address_makes_it_public(
    network: IPv4Network, number: int
) -> None:
    refused = int(network.network_address) | (number & int(network.hostmask))
    forms = [
        refused,
        0xFFFF << 32 | refused,
        0xFFFF << 48 | refused,
        0x64FF9B << 96 | refused,
        0x2002 << 112 | refused << 80,
    ]
    assert [form for form in forms if is_public(IPv6Address(form))] == []


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]
)
def test_public_addresses_are(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    ["ftp://shop.example/", "https:///laurel", "file:///etc/passwd", "https://ada:secret@shop.example/", "gopher://x",
     "https://shop.example:99999/", "http://[::1", "", "//shop.example"],
)  # fmt: skip
def test_an_invalid_address_is_refused_permanently(url: str) -> None:
    with pytest.raises(ServerUnreachable) as refused:
        post(url, b"", {}, HERE, 1)
    assert refused.value.is_permanent


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "http://2130706433/", "https://[::1]/", "http://localhost/",
                                 "http://0x7f000001/", "http://[::ffff:127.0.0.1]/"])  # fmt: skip
def test_this_machine_is_not_called_under_any_name(url: str) -> None:
    with pytest.raises(ServerUnreachable) as refused:
        post(url, b"", {}, (), 1)
    assert refused.value.is_permanent


def resolved(monkeypatch: pytest.MonkeyPatch, *rounds: list[str]) -> None:
    """Let names mean these addresses, another list each time somebody asks."""
    answers = iter(rounds)

    def getaddrinfo(_host: str, port: int, **_more: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in next(answers)]

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", getaddrinfo)


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    resolved(monkeypatch, ["93.184.215.14", "10.0.0.1"])
    with pytest.raises(ServerUnreachable, match="private network"):
        post("https://shop.example/", b"", {}, (), 1)


def test_a_public_server_is_not_called_without_encryption(monkeypatch: pytest.MonkeyPatch) -> None:
    resolved(monkeypatch, ["93.184.215.14"])
    with pytest.raises(ServerUnreachable, match="plain http"):
        post("http://shop.example/", b"", {}, (), 1)


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    connected_to: list[Any] = []
    resolved(monkeypatch, ["93.184.215.14"], ["127.0.0.1"])

    def create_connection(address: Any, *_more: Any) -> Any:
        connected_to.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(outgoing.socket, "create_connection", create_connection)
    with pytest.raises(ServerUnreachable, match="ConnectionRefused"):
        post("https://shop.example/", b"", {}, (), 1)
    assert connected_to == [("93.184.215.14", 443)]


LONG_HANDSHAKE = b"\x16\x03\x03\x40\x00"  # the head of a TLS record of 16 KiB


@pytest.fixture(params=[("http", b""), ("https", LONG_HANDSHAKE)], ids=["its answer", "its handshake"])
def dripping(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server that sends one letter after the other and never comes to an end."""
    scheme, head = request.param
    listening = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        with suppress(OSError), listening.accept()[0] as caller:
            caller.sendall(head)
            while True:
                caller.sendall(b"H")
                time.sleep(0.02)

    thread = Thread(target=drip, daemon=True)
    thread.start()
    yield f"{scheme}://127.0.0.1:{listening.getsockname()[1]}/"
    listening.close()
    thread.join()


def test_a_slow_server_is_cut_off(dripping: str) -> None:
    with pytest.raises(ServerUnreachable, match="no answer within"):
        post(dripping, b"", {}, HERE, 0.3)


def test_an_unreachable_server_is_worth_another_attempt() -> None:
    with pytest.raises(ServerUnreachable) as refused:
        post("http://127.0.0.1:1/", b"", {}, HERE, 1)
    assert not refused.value.is_permanent
