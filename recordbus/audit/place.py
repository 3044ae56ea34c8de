"""How far the uses of a log are published, in a file that a crash leaves old or new.

Invariant: the place is moved after what lies before it is durable in the owners' topics, never
earlier. With it stand the hashes over all entries before it, so that the log is held to them.
"""

from __future__ import annotations

from pathlib import Path

import orjson

from recordbus.audit.files import replace_file
from recordbus.audit.merkle import Frontier
from recordbus.errors import Misconfigured


class PlaceFile:
    """The place in one log, known by the log's name."""

    def __init__(self, path: Path, log: str) -> None:
        self._path = path
        self._log = log

    def read(self) -> Frontier:
        """Give the place; the beginning where there is no file. Raises Misconfigured."""
        if not self._path.exists():
            return Frontier()
        try:
            told = orjson.loads(self._path.read_bytes())
            full = [(height, bytes.fromhex(root)) for height, root in told["full"]]
            known, log = Frontier.over(full), told["log"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise self._useless(f"cannot be read: {type(error).__name__}") from None
        if log != self._log:
            raise self._useless("is of another log")
        return known

    def keep(self, known: Frontier) -> None:
        """Move the place; durable when this returns. Raises OSError."""
        full = [[height, root.hex()] for height, root in known.full]
        told = {"log": self._log, "size": known.size, "full": full}
        replace_file(self._path, orjson.dumps(told))

    def _useless(self, why: str) -> Misconfigured:
        return Misconfigured(
            f"the place in {self._path} {why}",
            hint="remove the file: uses are published again from the first, under the same ids",
        )
