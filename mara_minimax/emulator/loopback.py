"""Which host names and addresses can only mean this machine."""

from __future__ import annotations

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Whether a name or an address, without port or brackets, is that of the loopback."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def without_port(header: str) -> str:
    """The host in the value of a `Host` header."""
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.partition(":")[0]
