"""An orderly end that does not come to its end is cut short.

A worker that was told to end while its group dealt partitions out anew was once seen not to.
Whatever a worker has begun is in transactions, so to leave at once loses nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

ORDERLY_SECONDS: Final = 15.0
"""Longer than an open commit may take."""


@contextmanager
def no_longer_than(seconds: float, leave: Callable[[str], None]) -> Iterator[None]:
    """Call `leave`, in a thread of its own, when what is done within takes longer."""
    overdue = threading.Timer(seconds, leave, ("an orderly end took too long",))
    overdue.daemon = True
    overdue.start()
    try:
        yield
    finally:
        overdue.cancel()
