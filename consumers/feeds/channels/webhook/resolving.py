"""Turns a name into the addresses that may be connected to, once for each connection."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import Final

from consumers.feeds.channels.webhook.endpoint import Denied, Endpoint, check_addresses

Resolve = Callable[[str, int], Sequence[str]]
"""Gives the addresses of a name, each as text; raises OSError when it has none."""
_MOST_TRIED: Final = 4


def resolve(host: str, port: int) -> list[str]:
    """Ask the system's resolver; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def addresses_of(endpoint: Endpoint, resolver: Resolve) -> list[str]:
    """Give the addresses to try, in order; raises Denied for any that is not allowed, OSError."""
    found = list(resolver(endpoint.host, endpoint.port))
    if not found:
        raise Denied("it has no address")
    check_addresses(endpoint, found)
    return found[:_MOST_TRIED]
