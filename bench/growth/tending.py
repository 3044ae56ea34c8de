"""Garbage is collected in a bench as a worker does it, and counts as the stage's work."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TypeVar

from bench.chain import Room
from streams.collector import TEND_SECONDS, Collector

_T = TypeVar("_T")


def tended(room: Room, given: Iterator[_T]) -> Iterator[_T]:
    """Give what there is, and let a collector look at what is new as often as a worker does."""
    collector, due = Collector(time.process_time), room.seconds + TEND_SECONDS
    for each in given:
        yield each
        if room.seconds >= due:
            took = collector.tend()
            room.seconds += took
            if took > room.longest:
                room.longest, room.longest_at = took, f"collecting after {room.handled}"
            due = room.seconds + TEND_SECONDS
