"""Addresses that requests come from."""

from functools import lru_cache
from ipaddress import ip_address


@lru_cache(1024)
def is_loopback(address: str) -> bool:
    """Whether a caller is on this machine: a proxy that is not configured, or somebody trying things out."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
