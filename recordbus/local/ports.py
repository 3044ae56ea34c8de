"""Free loopback ports, chosen where outgoing connections do not take them by chance.

Between choosing a TCP port and listening on it lie seconds, in which another bus on this machine
may choose the same one. So a process claims what it chose, for as long as it lives, by holding the
UDP port of that number, which nothing here has another use for. The claim goes with the process,
however that ends, and counts for all users and containers that share the network.
"""

from __future__ import annotations

import random
import socket
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Final

import psutil

from recordbus.errors import Misconfigured

LOOPBACK: Final = "127.0.0.1"
# Below the range from which Linux and macOS take ports for outgoing connections.
_RANGE: Final = (20_000, 32_000)
_TRIES: Final = 500
_claims: dict[int, int] = {}
"""The claimed ports of this process, with the open file that holds each."""


def free_ports(count: int, preferred: Iterable[int] = ()) -> list[int]:
    """Give `count` different free ports, the preferred ones first where they are free.

    All are held open while choosing, so that no two are the same. They stay claimed until this
    process ends: no other one is given them. Of its own it is given only preferred ones again.
    """
    chooser = random.SystemRandom()
    others = (chooser.randint(*_RANGE) for _ in range(_TRIES))
    candidates = [*preferred, *(port for port in others if port not in _claims)]
    found: list[int] = []
    with ExitStack() as held:
        for port in candidates:
            if len(found) == count:
                return found
            if _hold(port, held) and _claim(port):
                found.append(port)
    raise Misconfigured(
        f"no {count} free ports between {_RANGE[0]} and {_RANGE[1]}",
        hint="stop other servers on this machine",
    )


def require_free(port: int, what: str) -> int:
    """Give the port back when it is free; raises Misconfigured that names who has it."""
    with ExitStack() as held:
        if _hold(port, held):
            return port
    raise Misconfigured(
        f"port {port} for {what} is already used{_user_of(port)}",
        hint="choose another port, or leave it out to take any free one",
    )


def answers(port: int, timeout_seconds: float = 0.2) -> bool:
    """Tell whether something accepts connections on the loopback port."""
    try:
        socket.create_connection((LOOPBACK, port), timeout_seconds).close()
    except OSError:
        return False
    return True


def _hold(port: int, held: ExitStack) -> bool:
    listener = held.enter_context(socket.socket())
    # As the servers themselves do: a connection in TIME_WAIT does not make a port used.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(1)
    except OSError:
        return False
    return True


def _claim(port: int) -> bool:
    if port in _claims:
        return True
    claim = socket.socket(type=socket.SOCK_DGRAM)
    try:
        claim.bind((LOOPBACK, port))
    except OSError:
        claim.close()
        return False
    _claims[port] = claim.detach()
    return True


def _user_of(port: int) -> str:
    try:
        for each in psutil.net_connections("tcp"):
            if each.laddr and each.laddr.port == port and each.status == psutil.CONN_LISTEN:
                return f" by process {each.pid}" if each.pid else ""
    except psutil.Error:
        return ""
    return ""
