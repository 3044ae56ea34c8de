"""Ends process groups when whoever started them is gone, however it went.

Run as a process of its own, apart from the terminal. It is told over its standard input:
`+ <group> <order>` to watch a group, `- <group>` to forget it. When that pipe ends, or its
parent is another process than at first, it stops the watched groups, lowest order first.
It imports nothing of recordbus, so that it costs little and starts at once.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time

GRACE_SECONDS = 5.0
_POLL_SECONDS = 0.05
_PARENT_CHECK_SECONDS = 1.0


def main() -> None:
    """Watch until the parent is gone, then end what it left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    end_all(watch(sys.stdin.fileno(), os.getppid()), float(sys.argv[1]))


def watch(pipe: int, parent: int) -> dict[int, int]:
    """Follow the orders on `pipe`; gives group → stop order of what is left at the end."""
    groups: dict[int, int] = {}
    rest = b""
    while True:
        ready, _, _ = select.select([pipe], [], [], _PARENT_CHECK_SECONDS)
        if not ready:
            if os.getppid() != parent:
                return groups
            continue
        received = os.read(pipe, 65536)
        if not received:
            return groups
        *lines, rest = (rest + received).split(b"\n")
        for line in lines:
            obey(line, groups)


def obey(line: bytes, groups: dict[int, int]) -> None:
    """Carry out one line."""
    verb, group, *order = line.split()
    if verb == b"+":
        groups[int(group)] = int(order[0])
    else:
        groups.pop(int(group), None)


def end_all(groups: dict[int, int], grace_seconds: float = GRACE_SECONDS) -> None:
    """Stop the groups, those of the lowest order first, each with this grace."""
    for order in sorted(set(groups.values())):
        end([group for group, its in groups.items() if its == order], grace_seconds)


def end(groups: list[int], grace_seconds: float = GRACE_SECONDS) -> None:
    """Ask the groups to end; after the grace, kill what is left."""
    deadline = time.monotonic() + grace_seconds
    alive = [group for group in groups if send(group, signal.SIGTERM)]
    while alive and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        alive = [group for group in alive if send(group, 0)]
    for group in alive:
        send(group, signal.SIGKILL)


def send(group: int, number: int) -> bool:
    """Send a signal to a whole group; False when nothing of it is left."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main()
