"""A publisher of uses as a process, whose topics are a file; a crash point may end it anywhere.

python -m tests.unit.recordbus.audit.uses_process DIRECTORY CRASH_AT
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import orjson

from recordbus import crashpoints
from recordbus.audit import publishing
from recordbus.audit.crash import USES_NAMES, crashpoint
from recordbus.audit.notes import LOG_KEY, key_of
from recordbus.audit.place import PlaceFile
from recordbus.audit.publishing import UsesPublisher
from recordbus.audit.signed import SignedLog
from recordbus.audit.use_messages import Addressed
from recordbus.clock import SystemClock
from tests.unit.recordbus.audit.conftest import KEY, ORIGIN

OWNERS = ("harbor-city-pd", "millbrook-pd")


class FileWriter:
    """Appends a batch with one write, as a transaction commits all of it or nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, messages: Sequence[Addressed]) -> None:
        """Make the batch durable."""
        lines = [orjson.dumps([each.department, each.value]) + b"\n" for each in messages]
        crashpoint("uses.sent")
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(handle, b"".join(lines))
        os.fsync(handle)
        os.close(handle)


def publisher_in(directory: Path) -> UsesPublisher:
    """Give the publisher of the log in `directory`/audit, with its place and topics beside it."""
    return UsesPublisher(
        SignedLog(directory / "audit", key_of(ORIGIN, LOG_KEY, KEY)),
        PlaceFile(directory / "place.json", ORIGIN), FileWriter(directory / "topics"),
        lambda: OWNERS, SystemClock(),
    )  # fmt: skip


def main() -> None:
    """Publish what is signed, three entries at a time."""
    crashpoints.arm(crashpoints.exit_at(sys.argv[2], USES_NAMES))
    publishing.MOST_AT_ONCE = 3  # type: ignore[misc]
    publisher = publisher_in(Path(sys.argv[1]))
    while publisher.step():
        pass


if __name__ == "__main__":
    main()
