"""What a stage and its runtime promise each other (pure).

A stage gives a deterministic `handle`; the runtime gives everything else: order, transactions,
recovery, replay. Invariant: what a stage says is a function of its inputs and its own state
values alone, so handling an input again from the same state says the same again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal, NamedTuple, Protocol


class Keep(Enum):
    """The type of `KEEP`."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP
"""In `Handled.state`: this input changes no state value."""


class Input(NamedTuple):
    """One message of a source log, as `handle` sees it.

    `version` is `epoch << 48 | position` and grows with every input of this stage and partition,
    whichever source it came from. `timestamp_ms` is the time the log gave it: time is data.
    `origin` is the stage and partition that said it, empty when an outsider did.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp_ms: int
    version: int
    origin: bytes = b""


class Output(NamedTuple):
    """A message to write; the runtime adds the headers `origin` and `version`.

    `partition` -1 leaves the choice to the hash of the key. A value of None is a tombstone, which
    only the owner of the key may write.
    """

    topic: str
    key: bytes
    value: bytes | None
    partition: int = -1


class Quarantine(NamedTuple):
    """Why an input is set aside: a code of `schemas/reasons.yaml`, and a detail.

    The detail holds no personal data. The original bytes go along unless `keep_value` is False.
    """

    reason: str
    detail: str = ""
    keep_value: bool = True


class Note(NamedTuple):
    """A fact to count once its batch is committed: a name that `observe` knows, and labels."""

    name: str
    labels: tuple[str, ...] = ()


class Handled(NamedTuple):
    """What one input leads to.

    `state` is the key's new value, None to remove it, or `KEEP`. `outcome` is the label under which
    the input is counted.
    """

    state: bytes | Literal[Keep.KEEP] | None = KEEP
    outputs: Sequence[Output] = ()
    quarantined: Quarantine | None = None
    outcome: str = "handled"
    notes: Sequence[Note] = ()


Handle = Callable[[Input, bytes | None], Handled]
"""Pure and deterministic: no clock, no random, no I/O.

`Retryable` pauses the partition and tries again; any other exception quarantines the input as
`unhandled`.
"""

StateKey = Callable[[Input], bytes]
"""The one state key an input may change; by default the input's own key."""


class Machine(Protocol):
    """A stage at work on one partition: its `handle` and the indexes derived from its values."""

    def handle(self, message: Input, state: bytes | None) -> Handled:
        """Decide what `message` leads to, given the value its state key has now."""

    def state_key(self, message: Input) -> bytes:
        """Name the one state value that `message` may change."""

    def loaded(self, key: bytes, state: bytes) -> None:
        """Take a restored value into the derived indexes; called for every value, in any order."""

    def changed(self, key: bytes, old: bytes | None, new: bytes | None) -> None:
        """Follow a change that `handle` just made; None stands for absent."""


Observe = Callable[[Counter[Note]], None]
"""Counts notes in metrics; called after a batch is committed, never for a replay."""


def _ignore(_notes: Counter[Note]) -> None:
    """Count nothing."""


SetAside = Callable[[Input, bytes | None, Quarantine], Handled]
"""Says how an input is set aside that the runtime refuses; like `handle` it is given the state of
the input's key, and may note there where the original bytes are. What it raises costs the bytes."""


def with_its_bytes(_message: Input, _state: bytes | None, why: Quarantine) -> Handled:
    """Set an input aside with its bytes, and change no state."""
    return Handled(quarantined=why)


@dataclass(frozen=True, slots=True)
class Stage:
    """A named state machine over its source logs, which all have the same partition count.

    `machine` opens the machine of one partition, with empty indexes. `tables` are the sources
    that other stages write: only their origin and version headers are believed. `set_aside` is
    asked about inputs that `handle` could not answer for.
    """

    name: str
    sources: tuple[str, ...]
    machine: Callable[[int], Machine]
    observe: Observe = _ignore
    tables: frozenset[str] = frozenset()
    set_aside: SetAside = with_its_bytes


def own_key(message: Input) -> bytes:
    """Give the state key of a plain stage: the message's own key, empty where it has none."""
    return message.key or b""


class PlainMachine:
    """A machine without derived indexes."""

    __slots__ = ("handle", "state_key")

    def __init__(self, handle: Handle, state_key: StateKey = own_key) -> None:
        self.handle = handle
        self.state_key = state_key

    def loaded(self, key: bytes, state: bytes) -> None:
        """Derive nothing."""

    def changed(self, key: bytes, old: bytes | None, new: bytes | None) -> None:
        """Derive nothing."""


def plain_stage(
    name: str,
    sources: Sequence[str],
    handle: Handle,
    *,
    state_key: StateKey = own_key,
    observe: Observe = _ignore,
    tables: frozenset[str] = frozenset(),
    set_aside: SetAside = with_its_bytes,
) -> Stage:
    """Make a stage of a `handle` that needs nothing but its key's own state value."""
    return Stage(
        name,
        tuple(sources),
        lambda _partition: PlainMachine(handle, state_key),
        observe,
        tables,
        set_aside,
    )
