"""What a step takes and gives (pure): messages of a log in, one batch of effects out.

Invariant: a batch is complete in itself; what is not in it is not written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from recordbus.errors import RecordbusError, Retryable
from streams.runtime.contract import Note
from streams.runtime.envelope import START, Positions

Headers = Sequence[tuple[str, bytes]]


class LogMessage(Protocol):
    """A message as Faust's consumer hands it over."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def headers(self) -> Headers: ...


class Quarantined(NamedTuple):
    """An input set aside, with everything an operator needs to judge and replay it.

    `by_runtime` tells that the runtime refused it, so that the stage's own notes do not count it.
    """

    stage: str
    reason: str
    detail: str
    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    by_runtime: bool = False

    @property
    def position(self) -> str:
        """Name the input: the key of its message in the quarantine."""
        return f"{self.topic}/{self.partition}/{self.offset}"


class Written(NamedTuple):
    """An output with the version of the input that made it, eight bytes."""

    topic: str
    key: bytes
    value: bytes | None
    partition: int
    version: bytes


class HandlerDied(Exception):
    """A handle ended the child process it ran in; `how` says by which signal or time limit."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


class StateAhead(RecordbusError):
    """A state value is newer than its own input: two writers, or a log that was made anew."""

    def __init__(self, topic: str, partition: int, offset: int) -> None:
        super().__init__(
            f"the state is ahead of its input {topic}/{partition}/{offset}",
            hint="if that topic was made anew, raise RECORDBUS_STAGE__EPOCH by one",
        )


@dataclass(slots=True)
class Batch:
    """What a run of inputs leads to; written in one transaction.

    `taken` counts the messages of the last step that are done with; `blocked` says why the one
    after those has to wait. `positions` is where the partition stands after them.
    """

    outputs: list[Written] = field(default_factory=list)
    changes: dict[bytes, bytes] = field(default_factory=dict)
    quarantined: list[Quarantined] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    notes: Counter[Note] = field(default_factory=Counter)
    positions: Positions = START
    taken: int = 0
    handled: int = 0
    blocked: Retryable | None = None
