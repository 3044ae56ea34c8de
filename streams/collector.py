"""Collects garbage a little at a time, so that no message waits for it, however much is held.

Python looks at an object again and again while it lives, and at all of them at once now and then:
that takes seconds where millions of values and what follows from them are held. Nothing that a
stage derives is in cycles, so it goes without the collector; what a connection or a task leaves
behind may be in one, and is found as long as it is young.
Invariant: what came to stay is looked at twice and never again.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable
from typing import Final

TEND_SECONDS: Final = 0.1
"""How often a worker lets its collector look at what is new."""
MOST_AT_ONCE: Final = 500_000
"""New objects above which nobody looks at them: that is a state that was just restored."""
MOST_PAUSE_SECONDS: Final = 0.05
"""How long looking at what is no longer new may take."""
_LOOKS: Final = 32
"""After how many looks at what is new those that it left are looked at once more."""

Clock = Callable[[], float]


class Collector:
    """Looks after garbage from now on, in place of Python's own collections.

    `longest_seconds` is the longest pause so far.
    """

    def __init__(self, clock: Clock = time.perf_counter) -> None:
        self._clock = clock
        self._looks = 0
        self._left_seconds = 0.0
        self.longest_seconds = 0.0
        gc.collect()
        gc.freeze()
        gc.disable()

    def tend(self) -> float:
        """Look at what is new; gives the seconds that it took."""
        if gc.get_count()[0] > MOST_AT_ONCE:
            self._keep_for_good()
        self._looks += 1
        is_last = self._looks == _LOOKS
        began = self._clock()
        gc.collect(1 if is_last else 0)
        took = self._clock() - began
        self.longest_seconds = max(self.longest_seconds, took)
        self._left_seconds += took
        # To look again at what earlier looks left takes as long as they took. Where so much came,
        # it is values: the few others among them are not worth a pause.
        if is_last or self._left_seconds > MOST_PAUSE_SECONDS:
            self._keep_for_good()
        return took

    def _keep_for_good(self) -> None:
        gc.freeze()
        self._looks, self._left_seconds = 0, 0.0


async def collect_regularly(collector: Collector) -> None:
    """Tend a collector until this is cancelled."""
    while True:
        await asyncio.sleep(TEND_SECONDS)
        collector.tend()
