"""Follows the public topics, as a reader of committed messages, until they say what they must."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from bench.work.job import PUBLIC
from bench.work.load import Content, Part
from recordbus.kafka.connection import Connection
from recordbus.kafka.consumer import LogReader

_LOOK_SECONDS: Final = 0.05
_AT_ONCE: Final = 5000
_PATIENCE_SECONDS: Final = 30.0


class Watch:
    """Keeps what was said last of each key, and counts the messages."""

    def __init__(self, connection: Connection) -> None:
        self._reader = LogReader(connection)
        self._reader.assign({(topic, 0): 0 for topic in PUBLIC})
        self.content: Content = {}
        self.messages = 0

    def until(self, part: Part, going: Callable[[], bool]) -> bool:
        """Read on until the topics hold what they must after `part`; tells whether they came to.

        Gives up when nothing was said for long, or when those who speak are not `going` any more.
        """
        missing = {at for at, value in part.content.items() if not self._holds(at, value)}
        quiet_since = time.monotonic()
        while missing:
            changed = self._read()
            if changed:
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since > _PATIENCE_SECONDS or not going():
                return False
            for at in changed:
                wanted = part.content.get(at)
                (missing.discard if self._holds(at, wanted) else missing.add)(at)
            time.sleep(_LOOK_SECONDS)  # the reader must not compete with the engines for the cores
        return True

    def differences(self, part: Part) -> int:
        """Count the keys that are not as they must be after `part`, more or less ones included."""
        known = {*part.content, *self.content}
        return sum(
            at not in self.content or at not in part.content or self.content[at] != part.content[at]
            for at in known
        )

    def close(self) -> None:
        """Stop reading."""
        self._reader.close()

    def _holds(self, at: tuple[str, bytes], value: bytes | None) -> bool:
        return at in self.content and self.content[at] == value

    def _read(self) -> list[tuple[str, bytes]]:
        changed = []
        for message in self._reader.consume(_AT_ONCE, _LOOK_SECONDS):
            at = (message.topic, message.key or b"")
            self.content[at] = message.value
            self.messages += 1
            changed.append(at)
        return changed
