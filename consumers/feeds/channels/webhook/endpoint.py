"""Which addresses a webhook may go to, by name and by number (pure).

Invariant: what this refuses is never connected to. Numbers are checked as what they really are,
so that no spelling, no translation and no tunnel leads to a machine inside (catalogue row 76).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

HTTPS_PORT: Final = 443
HTTP_PORT: Final = 80
_LONGEST_URL: Final = 2000
_LONGEST_NAME: Final = 253
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_INTERNAL_NAMES: Final = frozenset(
    {"local", "localhost", "localdomain", "internal", "intranet", "private", "lan", "home",
     "corp", "arpa", "invalid", "test", "onion", "alt"}
)  # fmt: skip
"""Last labels that no public name has: those of this house, of metadata services, and of none."""
_LOCALHOST: Final = "localhost"
_INTERNAL_PORTS: Final = frozenset(
    {1433, 1521, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 4369, 5432, 5672, 5900, 5984, 6379,
     6443, 7001, 8500, 9042, 9092, 9093, 9094, 9200, 9300, 10250, 10255, 11211, 15672, 27017,
     27018, 27019, 50070}
)  # fmt: skip
"""Databases, brokers and control planes: nobody takes webhooks in there."""
_FIRST_OPEN_PORT: Final = 1024

_V4_DENIED: Final = tuple(
    map(
        IPv4Network,
        ("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32",
         "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24",
         "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
         "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
)  # fmt: skip
_V4_LOOPBACK: Final = IPv4Network("127.0.0.0/8")
_V6_LOOPBACK: Final = IPv6Address("::1")
_V6_PUBLIC: Final = IPv6Network("2000::/3")
"""All that is given out to networks; mapped, translated, local and multicast are outside."""
_V6_DENIED: Final = tuple(
    map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"))
)


class Denied(Exception):
    """A webhook must not go there; says why, for people, and names no more than was given."""


class Endpoint(NamedTuple):
    """Where a webhook goes: what to connect to, and what to ask for there.

    `host` is a name or a number without brackets; `authority` is what stands in the Host header.
    `is_loopback` says that it is this machine, and may be nothing else.
    """

    is_tls: bool
    is_loopback: bool
    host: str
    port: int
    authority: str
    target: str


def endpoint_of(url: str, *, allow_loopback: bool = False) -> Endpoint:
    """Read an endpoint; raises Denied for what must not be reached whatever it resolves to."""
    is_plain = url.isascii() and url.isprintable() and not set(url) & set(" \\")
    if len(url) > _LONGEST_URL or not is_plain:
        raise Denied("an endpoint is at most 2000 printable ASCII characters, without spaces")
    parts = _split(url)
    host = (parts.hostname or "").lower()
    is_loopback = allow_loopback and (host == _LOCALHOST or _is_loopback(host))
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback):
        raise Denied("an endpoint is reached by https")
    _check_host(host, is_loopback=is_loopback)
    port = _port(parts, is_loopback=is_loopback)
    written = f"[{host}]" if ":" in host else host
    is_default = port == (HTTPS_PORT if parts.scheme == "https" else HTTP_PORT)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    authority = written if is_default else f"{written}:{port}"
    return Endpoint(parts.scheme == "https", is_loopback, host, port, authority, target)


def check_addresses(endpoint: Endpoint, addresses: Iterable[str]) -> None:
    """Check every address that an endpoint's name has; raises Denied when one is not allowed.

    One is enough: a name that answers with both kinds is trying which of them is checked.
    """
    is_allowed = _is_loopback if endpoint.is_loopback else _is_public
    if not all(map(is_allowed, addresses)):
        raise Denied("it has an address that is not a public one")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # read here, for it is checked only when it is asked for
    except ValueError:
        raise Denied("it is no URL") from None
    if "@" in parts.netloc:
        raise Denied("an endpoint holds no user and no password")
    if "#" in url:
        raise Denied("an endpoint has no fragment")
    return parts


def _check_host(host: str, *, is_loopback: bool) -> None:
    if is_loopback:
        return
    labels = host.split(".")
    if ":" in host or _NUMBER.fullmatch(labels[-1]):
        if not _is_public(host):
            raise Denied("its address is not a public one, or is not written as one usually is")
        return
    if len(host) > _LONGEST_NAME or not all(map(_LABEL.fullmatch, labels)):
        raise Denied("its host is no name; write an international one as xn--")
    if len(labels) < 2 or labels[-1] in _INTERNAL_NAMES:
        raise Denied("its host is a name of an internal network")


def _port(parts: SplitResult, *, is_loopback: bool) -> int:
    port = parts.port
    if port is None:
        return HTTPS_PORT if parts.scheme == "https" else HTTP_PORT
    if port == HTTPS_PORT or (port >= _FIRST_OPEN_PORT and is_loopback):
        return port
    if port < _FIRST_OPEN_PORT or port in _INTERNAL_PORTS:
        raise Denied(f"port {port} is not one that takes webhooks in: use 443, or one from 1024")
    return port


def _is_public(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _V4_DENIED)
    return address in _V6_PUBLIC and not any(address in network for network in _V6_DENIED)


def _is_loopback(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return address in _V4_LOOPBACK if isinstance(address, IPv4Address) else address == _V6_LOOPBACK
