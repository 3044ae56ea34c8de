"""What intake says again of a key: its record, a judgement, the time (pure but for look-ups).

Invariant: what intake knows of a key stays as it is, its number and fingerprint, where its refused
bytes are, and that it was expunged. A record is said again from `records.v1` alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, Protocol

from recordbus.errors import Rejected
from streams.intake.decode import GuardedDecoder
from streams.intake.handle import TICK, Intake
from streams.intake.judgements import pair_key
from streams.intake.state import RecordState, decode
from streams.intake.topics import RECORDS, VERDICTS
from streams.runtime.contract import Handled, Input, Output
from streams.runtime.envelope import POSITION_KEY, unseal
from streams.runtime.step import MAX_VALUE_BYTES

_TICKS: Final = TICK + b"/"
_RECORD_KEY_DIGITS: Final = 64


class Held(Protocol):
    """A message of `records.v1`."""

    @property
    def offset(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...


class Known(NamedTuple):
    """What intake knows of the keys of one partition that are to be said again."""

    records: dict[bytes, RecordState]
    others: dict[bytes, bytes]

    def __len__(self) -> int:
        return len(self.records) + len(self.others)


def known_of(values: Iterator[tuple[bytes, bytes]], since: int) -> Known:
    """Sort a partition's state values; those of version `since` and later are done."""
    known = Known({}, {})
    for key, sealed in values:
        if key == POSITION_KEY:
            continue
        version, payload, _ = unseal(sealed)
        if payload is None or version >= since:
            continue
        if len(key) != _RECORD_KEY_DIGITS:
            if key.startswith(_TICKS) or pair_key(key):
                known.others[key] = payload
        elif (record := decode(payload)).status and not record.tombstoned:
            known.records[key] = record
    return known


class Restating:
    """Says keys of intake again, one by one."""

    def __init__(self, intake: Intake, records: GuardedDecoder) -> None:
        self._intake = intake
        self._records = records

    def record(
        self, held: Held, known: RecordState, partition: int, version: int
    ) -> Handled | None:
        """Say again what a message of `records.v1` says, None when a later one replaces it.

        Raises Rejected when it is no record that would be accepted now.
        """
        record: Mapping[str, Any] = self._records.decode(RECORDS, held.value or b"").value
        if record["version"] != known.version:
            return None
        message = Input(RECORDS, partition, held.offset, held.key, held.value, 0, version)
        said = self._intake.restate(message, record, known)
        for output in said.outputs:
            if output.value is not None and len(output.value) > MAX_VALUE_BYTES:
                raise Rejected("too_large", f"{len(output.value)} bytes for {output.topic}")
        return said

    def other(self, key: bytes, state: bytes, partition: int) -> Handled:
        """Say again a judgement or the time."""
        if key.startswith(_TICKS):
            return self._intake.restate_time(partition, state)
        return Handled(state, (Output(VERDICTS, b"judgement/" + key, state, 0),))
