"""Identifiers a test can foretell."""

from __future__ import annotations

from itertools import count


class SequenceIds:
    """Gives `<prefix>-1`, `<prefix>-2`, ... in order."""

    def __init__(self, prefix: str = "id") -> None:
        self._prefix = prefix
        self._numbers = count(1)

    def next(self) -> str:
        """Give the next identifier of the sequence."""
        return f"{self._prefix}-{next(self._numbers)}"
