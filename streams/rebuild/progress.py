"""What a rebuild says of itself while it lasts."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Progress(NamedTuple):
    """How far a step is: of `total` keys of a partition, `done`; both 0 where keys do not count."""

    step: str
    partition: int = 0
    done: int = 0
    total: int = 0


Tell = Callable[[Progress], None]
