"""Keeps copies of other workers' partitions warm, so that a takeover restores only the rest.

Invariant: a standby applies committed changelog records only, and is stopped, its thread gone,
before any of its partitions is restored for a tenure.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Final

from recordbus.errors import Retryable
from recordbus.logs import logger
from streams.runtime.restore import Abandoned, Reader, restore
from streams.runtime.store import StateStore

_LOOK_AGAIN_SECONDS: Final = 0.5

_log = logger(__name__)


class Standby:
    """Follows the changelogs of some partitions in a thread of its own."""

    def __init__(self, reader: Callable[[], Reader], store: StateStore, changelog: str) -> None:
        self._reader = reader
        self._store = store
        self._changelog = changelog
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, partitions: Iterable[int]) -> None:
        """Follow `partitions`; does nothing when there are none."""
        wanted = sorted(partitions)
        if wanted:
            _log.info("standby follows", count=len(wanted))
            self._stopping.clear()
            self._ends: dict[int, int] = {}
            self._thread = threading.Thread(
                target=self._run, args=(wanted,), name="standby", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """Stop following, and wait until the thread has gone."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self, partitions: list[int]) -> None:
        reader = self._reader()
        try:
            while not self._stopping.wait(_LOOK_AGAIN_SECONDS):
                for partition in partitions:
                    self._catch_up(reader, partition)
        except Abandoned:
            return
        finally:
            reader.close()

    def _catch_up(self, reader: Reader, partition: int) -> None:
        changelog = (self._changelog, partition)
        try:
            _, end = reader.watermarks(changelog)
            if end != self._ends.get(partition):
                store = self._store.partition(partition)
                self._ends[partition] = restore(
                    reader, store, changelog, self._stopping.is_set
                ).end_offset
        except Retryable as error:
            _log.warning("a standby waits for Kafka", partition=partition, exc_info=error)
