"""Remembers across a sudden death which inputs were being handled, to find the one that kills.

One small file a partition, written at the start of each batch and at no other time; whether the
batch was finished follows from the positions in the changelog. Invariant: an input is a suspect
once two processes in a row died while a batch that held it was unfinished.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from recordbus.logs import logger

DEATHS_UNTIL_SUSPECT: Final = 2

Spans = Mapping[str, tuple[int, int]]
"""Per source topic the first and the last offset of a batch."""

_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What the note of an earlier process says: how many died, and over which inputs."""

    deaths: int = 0
    spans: Spans | None = None

    def covers(self, topic: str, offset: int) -> bool:
        """Tell whether this input was in the unfinished batch."""
        first, last = (self.spans or {}).get(topic, (1, 0))
        return first <= offset <= last

    def is_suspect(self, topic: str, offset: int) -> bool:
        """Tell whether this input has to be handled in a child process."""
        return self.deaths >= DEATHS_UNTIL_SUSPECT and self.covers(topic, offset)

    def deaths_over(self, spans: Spans) -> int:
        """Count the deaths that a batch of these inputs inherits."""
        shared = any(self.covers(topic, at) for topic, span in spans.items() for at in span)
        inside = any(
            first <= at <= last
            for topic, (first, last) in spans.items()
            for at in (self.spans or {}).get(topic, ())
        )
        return self.deaths if shared or inside else 0


class ProgressNote:
    """The note of one partition; `process` tells this process from earlier ones."""

    def __init__(self, path: Path, process: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._process = process
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.suspicion = Suspicion()

    def recall(self, next_offsets: Mapping[str, int]) -> Callable[[str, int], bool] | None:
        """Read what an earlier process left, given how far its transactions came.

        Gives the test for suspects, None when there are none.
        """
        noted = self._read()
        if noted is not None and noted[0] != self._process:
            self._suspect(noted[1], noted[2], next_offsets)
        is_deadly = self.suspicion.deaths >= DEATHS_UNTIL_SUSPECT
        return self.suspicion.is_suspect if is_deadly else None

    def _suspect(self, deaths: int, spans: Spans, next_offsets: Mapping[str, int]) -> None:
        unfinished = any(last >= next_offsets.get(topic, 0) for topic, (_, last) in spans.items())
        if unfinished:
            self.suspicion = Suspicion(deaths + 1, spans)
            _log.warning("a batch ended its process before", count=deaths + 1, path=str(self._path))

    def begin(self, spans: Spans) -> None:
        """Note that a batch of these inputs begins: one system call, not synced."""
        deaths = self.suspicion.deaths_over(spans) if self.suspicion.deaths else 0
        os.pwrite(self._file, orjson.dumps([self._process, deaths, spans]) + b"\n", 0)

    def close(self, *, finished: bool) -> None:
        """Let go of the file; an orderly end removes it, so that nobody counts it as a death."""
        os.close(self._file)
        if finished:
            self._path.unlink(missing_ok=True)

    def _read(self) -> tuple[str, int, Spans] | None:
        line = os.pread(self._file, 1 << 20, 0).split(b"\n", 1)[0]
        try:
            process, deaths, spans = orjson.loads(line)
        except ValueError:
            return None
        return process, deaths, {topic: (first, last) for topic, (first, last) in spans.items()}
