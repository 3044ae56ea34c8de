"""A moment by which an attempt is over, whatever the other side does meanwhile."""

from __future__ import annotations

from collections.abc import Callable


class Deadline:
    """So many seconds for a whole attempt; `monotonic` gives seconds."""

    def __init__(self, seconds: float, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._at = monotonic() + seconds

    def left(self) -> float:
        """Give the seconds that are left; raises TimeoutError when none are."""
        left = self._at - self._monotonic()
        if left <= 0:
            raise TimeoutError
        return left
