"""The heart of the one rule (pure): inputs and state values in, one batch of effects out.

The real runtime and the simulator both run this code. Invariant: a batch says exactly what
handling its inputs one by one, each from the state its predecessors left, would say; an input
that was handled before is skipped, and no exception of a handle leaves it.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import Final

from recordbus.errors import Rejected, Retryable
from streams.runtime.contract import (
    KEEP,
    Handle,
    Handled,
    Input,
    Machine,
    Quarantine,
    SetAside,
    with_its_bytes,
)
from streams.runtime.effects import (
    Batch,
    HandlerDied,
    LogMessage,
    Quarantined,
    StateAhead,
    Written,
)
from streams.runtime.envelope import (
    VERSION_BYTES,
    Marks,
    Positions,
    pack_version,
    seal,
    unpack_version,
    unseal,
    version_of,
)

MAX_VALUE_BYTES: Final = 900_000
"""The largest value written: below a broker's usual limit, key, headers and framing included."""

Read = Callable[[bytes], bytes | None]
IsSuspect = Callable[[str, int], bool]

_NO_MARKS: Final[Marks] = {}
_REFUSED: Final = "refused by the runtime"

_make = tuple.__new__  # a NamedTuple's own constructor takes three times as long


class Stepper:
    """Takes one partition of a stage forward, batch by batch."""

    def __init__(
        self,
        stage: str,
        partition: int,
        machine: Machine,
        read: Read,
        positions: Positions,
        *,
        tables: frozenset[str] = frozenset(),
        suspect: IsSuspect | None = None,
        isolated: Callable[[Input, bytes | None], Handled] | None = None,
        max_value_bytes: int = MAX_VALUE_BYTES,
        set_aside: SetAside = with_its_bytes,
    ) -> None:
        self._stage = stage
        self._partition = partition
        self._machine = machine
        self._handle_input = machine.handle
        self._changed = machine.changed
        self._read = read
        self._epoch = positions.epoch
        self._base = version_of(positions.epoch, 0)
        self._sequence = positions.sequence
        self._next = dict(positions.next_offsets)
        self._tables = tables
        self._suspect = suspect
        self._isolated = isolated or machine.handle
        self._max_value_bytes = max_value_bytes
        self._how_set_aside = set_aside

    def step(self, messages: Iterable[LogMessage], batch: Batch | None = None) -> Batch:
        """Handle `messages`, in order, up to the first that raises Retryable.

        They become part of `batch`, where one is given that was not written yet.
        """
        if batch is None:
            batch = Batch()
        batch.taken, batch.blocked = 0, None
        next_offsets = self._next
        for message in messages:
            topic, offset = message.topic, message.offset
            if offset < next_offsets.get(topic, 0):
                batch.outcomes["skipped"] += 1
            else:
                try:
                    self._take(batch, message)
                except Retryable as error:
                    batch.blocked = error
                    break
                next_offsets[topic] = offset + 1
            batch.taken += 1
        batch.positions = Positions(self._epoch, self._sequence, dict(next_offsets))
        return batch

    def _take(self, batch: Batch, message: LogMessage) -> None:
        topic, offset = message.topic, message.offset
        sequence = offset if offset > self._sequence else self._sequence + 1
        version = self._base | sequence
        origin, heard = _said_by(message) if topic in self._tables else (b"", 0)
        given = _make(
            Input,
            (topic, self._partition, offset, message.key, message.value, message.timestamp,
             version, origin),
        )  # fmt: skip
        key, refused = self._key_of(given)
        state, marks = self._state_of(batch, given, key)
        if origin and heard <= marks.get(origin, -1):
            batch.outcomes["stale"] += 1
        else:
            handled = (
                self._handle(given, state)
                if refused is None
                else self._refused(given, state, refused)
            )
            if origin:
                marks = {**marks, origin: heard}
            self._collect(batch, given, handled, key, state, marks)
        self._sequence = sequence
        batch.handled += 1

    def _key_of(self, given: Input) -> tuple[bytes, Quarantine | None]:
        try:
            key = self._machine.state_key(given)
        except Exception as error:  # noqa: BLE001 - nothing an input does may stop the next one
            return b"", Quarantine("unhandled", where(error))
        if key[:1] == b"\0":  # those keys are the runtime's own
            return b"", Quarantine("key_mismatch", "a key may not begin with NUL")
        return key, None

    def _state_of(self, batch: Batch, given: Input, key: bytes) -> tuple[bytes | None, Marks]:
        sealed = batch.changes.get(key) or self._read(key)
        if sealed is None:
            return None, _NO_MARKS
        version, state, marks = unseal(sealed)
        if version >= given.version:
            raise StateAhead(given.topic, given.partition, given.offset)
        return state, marks

    def _handle(self, given: Input, state: bytes | None) -> Handled:
        handle: Handle = self._handle_input
        if self._suspect is not None and self._suspect(given.topic, given.offset):
            handle = self._isolated
        try:
            handled = handle(given, state)
            refused = self._oversize(handled)
        except Retryable:
            raise
        except Rejected as error:
            refused = Quarantine(error.reason, error.detail)
        except HandlerDied as error:
            refused = Quarantine("decoder_crash", error.how)
        except Exception as error:  # noqa: BLE001 - nothing an input does may stop the next one
            refused = Quarantine("unhandled", where(error))
        return handled if refused is None else self._refused(given, state, refused)

    def _refused(self, given: Input, state: bytes | None, why: Quarantine) -> Handled:
        """Set an input aside as its stage wants it; without its bytes when that fails too."""
        try:
            handled = self._how_set_aside(given, state, why)
        except Exception:  # noqa: BLE001 - nothing an input does may stop the next one
            handled = Handled(quarantined=why._replace(keep_value=False))
        return handled._replace(outcome=_REFUSED)

    def _oversize(self, handled: Handled) -> Quarantine | None:
        limit = self._max_value_bytes
        for topic, _, value, _ in handled.outputs:
            if value is not None and len(value) > limit:
                return Quarantine("too_large", f"{len(value)} bytes for {topic}")
        state = handled.state
        if isinstance(state, bytes) and len(state) > limit:
            return Quarantine("too_large", f"{len(state)} bytes of state")
        return None

    def _collect(
        self,
        batch: Batch,
        given: Input,
        handled: Handled,
        key: bytes,
        state: bytes | None,
        marks: Marks,
    ) -> None:
        new, outputs, quarantined, outcome, notes = handled
        if outputs:
            version = pack_version(given.version)
            batch.outputs += [_make(Written, (*output, version)) for output in outputs]
        if quarantined is not None:
            by_runtime = outcome == _REFUSED
            batch.quarantined.append(self._set_aside(given, quarantined, by_runtime))
            outcome = "quarantined"
        batch.outcomes[outcome] += 1
        for note in notes:
            batch.notes[note] += 1
        if new is not KEEP:
            batch.changes[key] = seal(given.version, new, marks)
            self._changed(key, state, new)

    def _set_aside(self, given: Input, why: Quarantine, by_runtime: bool) -> Quarantined:
        value = given.value if why.keep_value else None
        if value is not None and len(value) > self._max_value_bytes:
            value = None  # no log that a stage reads takes so large a message
        return Quarantined(
            self._stage, why.reason, why.detail, given.topic, given.partition, given.offset,
            given.timestamp_ms, given.key, value, by_runtime,
        )  # fmt: skip


def _said_by(message: LogMessage) -> tuple[bytes, int]:
    """Give the origin and version headers; an empty origin where they are missing."""
    origin, version = b"", b""
    for name, value in message.headers:
        if name == "origin":
            origin = value
        elif name == "version":
            version = value
    well_formed = origin and len(version) == VERSION_BYTES
    return (origin, unpack_version(version)) if well_formed else (b"", 0)


def where(error: Exception) -> str:
    """Name an exception by type and place; never by its message, which may quote an input."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
