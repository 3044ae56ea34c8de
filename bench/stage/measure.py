"""Measures one engine from inside its process: events a second, CPU an event, memory.

The window opens when `WARM_UP_EVENTS` are done and closes at the last event, so that starts and
joins do not count. CPU is the whole process's, all its threads.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

WARM_UP_EVENTS: Final = 5_000
_LOOK_SECONDS: Final = 0.005


class Wanted(Protocol):
    """What an engine needs for its clients; `stage` is the name of its group."""

    @property
    def servers(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def stage(self) -> str: ...
    @property
    def directory(self) -> str: ...
    @property
    def exactly_once(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What the bench asks of an engine's process."""

    servers: str
    source: str
    output: str
    stage: str
    partitions: int
    events: int
    rounds: int
    directory: str
    exactly_once: bool


def asked() -> Asked:
    """Read the command line of an engine's process."""
    parser = argparse.ArgumentParser()
    for name in ("servers", "source", "output", "stage", "directory"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("partitions", "events", "rounds"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--exactly-once", action="store_true")
    return Asked(**vars(parser.parse_args()))


class Meter:
    """Watches a count from a thread, and reports when it reaches the end."""

    def __init__(self, events: int, done: Callable[[], int]) -> None:
        self._events = events
        self._done = done

    def start(self) -> None:
        """Watch from now on; ends the process after the report."""
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while (at_start := self._done()) < WARM_UP_EVENTS:
            time.sleep(_LOOK_SECONDS)
        began, cpu_began = time.monotonic(), cpu_seconds()
        while self._done() < self._events:
            time.sleep(_LOOK_SECONDS)
        seconds, cpu = time.monotonic() - began, cpu_seconds() - cpu_began
        report(self._events - at_start, seconds, cpu)
        os._exit(0)


def report(events: int, seconds: float, cpu: float) -> None:
    """Write the one line that the bench reads."""
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = {"events": events, "seconds": seconds, "cpu_seconds": cpu, "peak_mib": peak_mib}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def cpu_seconds() -> float:
    """Give the CPU seconds that this process has used, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
