"""Named places at which a test may end the process: every step between two promises has one.

Invariant: in production nothing is armed and a crash point costs one comparison. The command line
arms one from `RECORDBUS_CRASH_AT=name:n`, which ends the process at the n-th visit of a name; each
service says in a list of its own which names its steps have.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from typing import Final, NoReturn

from recordbus.errors import Misconfigured

EXIT_CODE: Final = 137

Hook = Callable[[str], None]

_hook: Hook | None = None


def crashpoint(name: str) -> None:
    """Mark a step; does nothing unless a test armed it."""
    if _hook is not None:
        _hook(name)


def arm(hook: Hook | None) -> None:
    """Call `hook` at every crash point from now on; None disarms."""
    global _hook  # noqa: PLW0603 - one process, one switch
    _hook = hook


def exit_at(spec: str, names: Collection[str], leave: Callable[[int], NoReturn] = os._exit) -> Hook:
    """Give a hook that ends the process at the n-th visit of a name, from `name:n` or `name`.

    Raises Misconfigured for a name that is not among `names`.
    """
    name, _, count = spec.partition(":")
    if name not in names or not (count or "1").isdigit():
        raise Misconfigured(
            f"RECORDBUS_CRASH_AT={spec} names no crash point",
            hint=f"use name:n with one of {', '.join(names)}",
        )
    left = int(count or "1")

    def visit(visited: str) -> None:
        nonlocal left
        if visited == name:
            left -= 1
            if left == 0:
                leave(EXIT_CODE)

    return visit
