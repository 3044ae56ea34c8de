"""What nobody needs any more, freed a little at a time: much at once would hold a message up."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any


class Remains:
    """Takes over what was let go of at once."""

    def __init__(self) -> None:
        self._left: list[MutableMapping[Any, Any]] = []

    def take(self, *gone: MutableMapping[Any, Any]) -> None:
        """Take over what nobody else has."""
        self._left += [each for each in gone if each]

    def free(self, most: int) -> None:
        """Free so many entries at most."""
        while self._left and most:
            here = self._left[-1]
            freed = min(most, len(here))
            for _ in range(freed):
                here.popitem()
            most -= freed
            if not here:
                self._left.pop()

    def __len__(self) -> int:
        """Count the entries that are left."""
        return sum(map(len, self._left))
