"""What intake tells the stages behind it of a record, and of the time (pure).

Invariant: whatever was said of a record is taken back in the same transaction in which the record
goes: its relations by one removal, its bundles by one in each partition that holds one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from streams.associate.offer import EntityOf, relations_of_record
from streams.intake.publish import EntryWriter, RelationsWriter
from streams.intake.state import RecordState
from streams.intake.topics import RELATIONS, VERDICTS
from streams.runtime.contract import Input, Output

_SIDE: Final = b"/intake"


class Writers(NamedTuple):
    """What writes each table that other stages read."""

    relations: RelationsWriter
    verdicts: EntryWriter


class Offers:
    """Says what other stages need of a record, with the writers of their tables.

    `entity` names what needs no resolution.
    """

    def __init__(self, writers: Writers, entity: EntityOf) -> None:
        self._relations, self._verdicts = writers
        self._entity = entity

    def live(
        self, message: Input, key: bytes, record: Mapping[str, Any], day: date, relations: bytes
    ) -> list[Output]:
        """Offer a live record; `day` is that of its event, `relations` are its relations' bytes."""
        first = date.fromisoformat(record["first_recorded_on"])
        said = relations_of_record(record, first, day, self._entity)
        value = self._relations.relations(said, relations)
        return [Output(RELATIONS, key + _SIDE, value, message.partition)]

    def removed(self, message: Input, key: bytes, record: Mapping[str, Any]) -> list[Output]:
        """Take back what was offered of a record that is live no more."""
        gone = {
            "record_key": record["record_key"],
            "version": record["version"],
            "reason": record["status"],
        }
        value = self._relations.write("PartRemoved", gone)
        return [Output(RELATIONS, key + _SIDE, value, message.partition)]

    def tick(self, partition: int, key: bytes, at: datetime) -> list[Output]:
        """Tell the time, and let an idle partition close its segment."""
        said = {"at": at}
        return [
            Output(RELATIONS, key, self._relations.write("Tick", said), partition),
            Output(VERDICTS, key, self._verdicts.write("Tick", said), 0),
        ]

    def tombstones(self, partition: int, key: bytes, _known: RecordState) -> list[Output]:
        """Erase the markers of a record that is gone; every reader must have passed them."""
        return [Output(RELATIONS, key + _SIDE, None, partition)]
