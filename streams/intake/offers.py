"""What intake tells the stages behind it of a record, and of the time (pure).

Invariant: whatever was said of a record is taken back in the same transaction in which the record
goes: its relations by one removal, its bundles by one in each partition that holds one. A partition
that held a marker once is known until the marker is erased.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from streams.associate.offer import EntityOf, relations_of_record
from streams.intake.publish import EntryWriter, RelationsWriter
from streams.intake.state import RecordState
from streams.intake.topics import MEETINGS, RELATIONS, VERDICTS
from streams.meet.digests import Digests, partition_of
from streams.meet.offer import bundles_of_record, removal
from streams.runtime.contract import Input, Output

_SIDE: Final = b"/intake"
_NOWHERE: Final[Sequence[int]] = ()


class Writers(NamedTuple):
    """What writes each table that other stages read."""

    relations: RelationsWriter
    meetings: EntryWriter
    verdicts: EntryWriter


class Offered(NamedTuple):
    """What is said of a record to other stages, and the key's state once it is said."""

    outputs: list[Output]
    state: RecordState


class Offers:
    """Says what other stages need of a record, with the writers of their tables.

    `entity` names what needs no resolution, `digests` conceals what mentions may meet by, and
    `partitions` counts those of the meetings.
    """

    def __init__(
        self, writers: Writers, entity: EntityOf, digests: Digests, partitions: int
    ) -> None:
        self._relations, self._meetings, self._verdicts = writers
        self._entity = entity
        self._digests = digests
        self._partitions = partitions

    def live(
        self, message: Input, record: Any, day: date, relations: bytes, state: RecordState
    ) -> Offered:
        """Offer a live record; `day` is that of its event, `relations` are its relations' bytes.

        `state` is the key's, with the meeting partitions of the version before.
        """
        key, home = message.key or b"", message.partition
        first = date.fromisoformat(record["first_recorded_on"])
        said = relations_of_record(record, first, day, self._entity)
        outputs = [Output(RELATIONS, key + _SIDE, self._relations.relations(said, relations), home)]
        bundles = bundles_of_record(record, home, self._digests, self._partitions)
        for part, bundle in bundles.items():
            outputs.append(Output(MEETINGS, key, self._meetings.write("Bundle", bundle), part))
        outputs += self._left(message, record, state.parts, tuple(bundles))
        return Offered(outputs, _placed(state, tuple(bundles)))

    def removed(self, message: Input, record: Mapping[str, Any], state: RecordState) -> Offered:
        """Take back what was offered of a record that is live no more."""
        gone = {name: record[name] for name in ("record_key", "version")}
        value = self._relations.write("PartRemoved", gone | {"reason": record["status"]})
        outputs = [Output(RELATIONS, (message.key or b"") + _SIDE, value, message.partition)]
        outputs += self._left(message, record, state.parts, _NOWHERE)
        return Offered(outputs, _placed(state, _NOWHERE))

    def home(self, key: bytes) -> tuple[int, ...]:
        """Give the meeting partition in which every record has a bundle, keys or not."""
        return (partition_of(key, self._partitions),)

    def tick(self, partition: int, key: bytes, at: datetime) -> list[Output]:
        """Tell the time, and let idle partitions close their segment."""
        said = {"at": at}
        return [
            Output(RELATIONS, key, self._relations.write("Tick", said), partition),
            Output(VERDICTS, key, self._verdicts.write("Tick", said), 0),
            *(Output(MEETINGS, key, None, part) for part in range(self._partitions)),
        ]

    def tombstones(self, partition: int, key: bytes, state: RecordState) -> list[Output]:
        """Erase the markers of a record that is gone; every reader must have passed them."""
        return [
            Output(RELATIONS, key + _SIDE, None, partition),
            *(Output(MEETINGS, key, None, part) for part in state.marked),
        ]

    def _left(
        self, message: Input, record: Mapping[str, Any], before: Sequence[int], now: Sequence[int]
    ) -> list[Output]:
        """Tell the meeting partitions that hold nothing of a record any more."""
        left = [part for part in before if part not in now]
        if not left:
            return []
        status = record["status"]
        said = removal(
            record["record_key"], record["version"], message.partition, list(now),
            None if status == "live" else status,
        )  # fmt: skip
        value = self._meetings.write("BundleRemoved", said)
        return [Output(MEETINGS, message.key or b"", value, part) for part in left]


def _placed(state: RecordState, parts: Sequence[int]) -> RecordState:
    """Give the state of a record whose bundles now lie in these partitions."""
    if state.parts == parts and not state.marked:
        return state
    before = {*state.marked, *state.parts}
    marked = tuple(sorted(before.difference(parts))) if before else ()
    return state._replace(parts=tuple(parts), marked=marked)
