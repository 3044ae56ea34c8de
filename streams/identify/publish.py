"""What identify writes: the identities of a record, or that they are taken back (pure)."""

from __future__ import annotations

from typing import Any, Final

from recordbus.avro.tree import build
from recordbus.avro.writer import PlainWriter
from recordbus.kafka.wire import frame
from streams.identify.deciding import Gone, Identified
from streams.runtime.contract import Output

RELATIONS: Final = "relations.v1"
_IDENTITIES: Final = "recordbus.v1.RecordIdentities"
_REMOVED: Final = "recordbus.v1.PartRemoved"
_WITHDRAWN: Final = "withdrawn"


class IdentitiesWriter:
    """Writes identify's side of records with one registered schema."""

    def __init__(self, schema_id: int, schema: Any) -> None:
        self._header = frame(schema_id, b"")
        self._whole = PlainWriter(build(schema), complete=True)

    def output(self, said: Identified | Gone) -> Output:
        """Give the message that says it, in the partition of the record's relations."""
        content = identities(said) if isinstance(said, Identified) else removal(said)
        value = self._header + self._whole.write({"content": content})
        return Output(RELATIONS, f"{said.record_key}/identify".encode(), value, said.home_partition)


def identities(said: Identified) -> tuple[str, dict[str, Any]]:
    """Give the identities of a record's mentions, by local id."""
    start = len(said.record_key) + 1
    mentions = [
        {"local_id": each[start:], "entity_id": entity, "verdicts": verdicts}
        for each, (entity, verdicts) in said.mentions
    ]
    reaching = [
        {
            "local_id": each[start:],
            "outcome": court.outcome,
            "record_key": court.court_key,
            "version": court.court_version,
            "matter_local_id": court.matter_local_id,
        }
        for each, court in said.reaching
    ]
    return _IDENTITIES, {
        "record_key": said.record_key,
        "version": said.version,
        "mentions": mentions,
        "dispositions": reaching,
    }


def removal(said: Gone) -> tuple[str, dict[str, Any]]:
    """Give the marker that stays of a record's identities."""
    reason = said.reason or _WITHDRAWN
    return _REMOVED, {"record_key": said.record_key, "version": said.version, "reason": reason}
