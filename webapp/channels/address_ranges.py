"""Which addresses are one machine on the public internet, by IANA's registries of special purposes.

Our own table, because Python's follows the registries of the year in which it was built: for IPv4, everything that is
listed is refused; for IPv6, everything outside of the one block that is given out, and what is listed within it. What
is "globally reachable" by the registry but leads to something of the network itself is refused as well: anycast
relays, and addresses that clouds use for their metadata although they look public.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

REFUSED_IPV4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # shared by a carrier's customers
            "127.0.0.0/8",  # this machine
            "169.254.0.0/16",  # link-local, and the metadata of most clouds
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments, and the metadata of Oracle's cloud
            "192.0.2.0/24",  # documentation
            "192.31.196.0/24",  # AS112
            "192.52.193.0/24",  # AMT
            "192.88.99.0/24",  # relays of 6to4
            "192.168.0.0/16",  # private
            "192.175.48.0/24",  # AS112
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "168.63.129.16/32",  # the metadata of Azure
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast
        ),
    )
)
GIVEN_OUT = IPv6Network("2000::/3")  # global unicast: all that is given out so far
REFUSED_IPV6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID, drones
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4: judged by the IPv4 address within
            "2620:4f:8000::/48",  # AS112
            "3fff::/20",  # documentation
        ),
    )
)
TRANSLATED = IPv6Network("64:ff9b::/96")  # RFC 6052: judged by the IPv4 address within


def embedded_ipv4(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for or is translated to; any other address as it is."""
    if isinstance(address, IPv4Address):
        return address
    within = IPv4Address(int(address) & 0xFFFFFFFF) if address in TRANSLATED else None
    return address.ipv4_mapped or address.sixtofour or within or address


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet and to one machine on it."""
    real = embedded_ipv4(address)
    if isinstance(real, IPv4Address):
        return not any(real in network for network in REFUSED_IPV4)
    return real in GIVEN_OUT and not any(real in network for network in REFUSED_IPV6)
