"""Looks at one stage when so and so many records are through."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import psutil

from bench.chain import Room

_LAST: Final = 10


class _Counts(NamedTuple):
    """What a room came to at some moment."""

    seconds: float
    handled: int
    said: int


def _counts(room: Room) -> _Counts:
    return _Counts(room.seconds, room.handled, room.said)


class Gauge:
    """Measures a room at each size; asked before every message."""

    def __init__(self, room: Room, sizes: Sequence[int]) -> None:
        self.last = sizes[-1]
        self._room = room
        self._waiting = list(sizes)
        self._tenth_began: _Counts | None = None
        self._empty = resident_bytes()
        self._steps: list[dict[str, Any]] = []

    def before(self, number: int) -> None:
        """Look whether a size is reached before a message about the record of this number."""
        while self._waiting and number >= self._waiting[0]:
            self._measure(self._waiting.pop(0))
        if self._waiting and self._tenth_began is None:
            size = self._waiting[0]
            if number >= size - size // _LAST:
                self._tenth_began = _counts(self._room)

    def finished(self) -> list[dict[str, Any]]:
        """Give what was measured, once there is nothing more to handle."""
        self.before(self.last)
        return self._steps

    def _measure(self, size: int) -> None:
        room, began = self._room, self._tenth_began
        assert began is not None, f"{room.stage.name} heard nothing of the last tenth before {size}"
        seconds, heard, said = (
            (now - then) / (size // _LAST) for now, then in zip(_counts(room), began, strict=True)
        )
        self._tenth_began = None
        gc.collect()
        gc.freeze()
        grown = resident_bytes() - self._empty
        self._steps.append(
            {
                "records": size,
                "us_a_record": round(seconds * 1e6, 1),
                "heard_a_record": round(heard, 2),
                "said_a_record": round(said, 2),
                "values": len(room.values),
                "state_bytes_a_record": room.state_bytes // size,
                "memory_bytes_a_record": grown // size,
                "ready_seconds": round(room.opened(), 2),
                "longest_ms": round(room.longest * 1000, 1),
            }
        )


def resident_bytes() -> int:
    """Give the resident memory of this process."""
    found: int = psutil.Process().memory_info().rss
    return found
