"""Waits until children are ready, all of one level at the same time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from recordbus.local.child import Child
from recordbus.local.failures import did_not_start, not_ready

_POLL_SECONDS: Final = 0.02


def wait_until_ready(
    children: list[Child], on_ready: Callable[[Child], None] | None = None
) -> None:
    """Return once every child is ready; `on_ready` is told of each as it becomes so.

    Raises what `did_not_start` or `not_ready` says of the first that fails; the others are
    left running for the caller to stop.
    """
    started = time.monotonic()
    waiting = list(children)
    while waiting:
        ready = [child for child in waiting if _is_ready(child, started)]
        waiting = [child for child in waiting if child not in ready]
        if on_ready is not None:
            for child in ready:
                on_ready(child)
        if waiting:
            time.sleep(_POLL_SECONDS)


def _is_ready(child: Child, started: float) -> bool:
    code = child.exit_code()
    if code is not None:
        raise did_not_start(child.spec.name, code, child.log, child.log_tail())
    if child.spec.ready():
        return True
    waited = time.monotonic() - started
    if waited > child.spec.ready_within_seconds:
        raise not_ready(child.spec.name, waited, child.log)
    return False
