"""The lines of all departments that push here; each is opened when it is first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection

from producers.connectors.http_push.line import Line
from recordbus.errors import Retryable

Open = Callable[[str], Line]


class Lines:
    """Gives the line of a department; safe to use from several threads."""

    def __init__(self, departments: Collection[str], open_line: Open) -> None:
        self._departments = frozenset(departments)
        self._open = open_line
        self._lines: dict[str, Line] = {}
        self._lock = threading.Lock()
        self._closed = False

    def knows(self, department: str) -> bool:
        """Say whether a department may push here."""
        return department in self._departments

    def opened(self, department: str) -> Line | None:
        """Give the line of a department if it is open."""
        return self._lines.get(department)

    def of(self, department: str) -> Line:
        """Give the line of a department; connects, so not to be called where nobody may wait.

        Raises Retryable when Kafka or the registry is away, Misconfigured as `owner_of` does.
        """
        with self._lock:
            if self._closed:
                raise Retryable("the gateway is ending", hint="send again")
            if department not in self._lines:
                self._lines[department] = self._open(department)
            return self._lines[department]

    def close(self) -> None:
        """Close every line; what was taken is sent first."""
        with self._lock:
            self._closed = True
        for line in self._lines.values():
            line.close()
