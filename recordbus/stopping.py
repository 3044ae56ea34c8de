"""How a service learns that it is to end: by SIGTERM or Ctrl-C, between two steps of its own."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import Final

_SLICE_SECONDS: Final = 0.25

ShouldStop = Callable[[], bool]


def until_told_to_stop() -> ShouldStop:
    """Give a question that is answered with yes once SIGTERM or SIGINT came."""
    told: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        told.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, note)
    return lambda: bool(told)


def rest(
    seconds: float, should_stop: ShouldStop, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Sleep for a time, in slices short enough that being told to stop ends it soon."""
    left = seconds
    while left > 0 and not should_stop():
        sleep(min(left, _SLICE_SECONDS))
        left -= _SLICE_SECONDS
