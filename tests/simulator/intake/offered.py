"""What other stages must have been told at the end: exactly what the newest versions imply."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, Final

from recordbus.avro.reader import PlainReader
from recordbus.testing import records
from streams.associate.offer import entities_under, relations_of_record
from streams.intake.testing import SECRET
from streams.intake.topics import MEETINGS, RECORDS, RELATIONS, VERDICTS
from streams.meet.digests import Digests
from streams.meet.offer import bundles_of_record
from tests.simulator.intake.office import MEETING_PARTITIONS, read_record
from tests.simulator.intake.oracle import Ending
from tests.simulator.judge import PublicReader, Said, Violation

TICK: Final = b"tick/"
MARKERS: Final = ("PartRemoved", "BundleRemoved")
_TYPES: Final = {RELATIONS: "RelationsEntry", MEETINGS: "MeetingEntry", VERDICTS: "VerdictsEntry"}
_ENTITY: Final = entities_under(SECRET)
_DIGESTS: Final = Digests(SECRET)

Place = tuple[int, bytes]
Content = Mapping[Place, tuple[str, Any]]


@cache
def _reader(topic: str) -> PlainReader:
    return PlainReader(records.tree(f"recordbus.v1.{_TYPES[topic]}"))


def read_entry(topic: str, value: bytes) -> tuple[str, Any]:
    """Read what a table of several records says: its type's short name, and the content."""
    name, said = _reader(topic).read(value, 5)[0]["content"]
    return name.rpartition(".")[2], said


class OfferReader(PublicReader):
    """A stage behind intake: it is told of a removal before the marker of it is erased (R-23)."""

    def take(self, message: Said) -> None:
        """Take in a message; a tombstone may only replace a marker."""
        key = message.key or b""
        held = self.held.get(key)
        if message.value is None and held is not None and not key.startswith(TICK):
            name, _ = read_entry(self.topic, held)
            if name not in MARKERS:
                raise Violation(f"{self.topic}: {key!r} is erased, and nobody was told why")
        super().take(message)


def check_offers(who: str, readers: Sequence[PublicReader], end: Ending) -> None:
    """Compare what readers hold of the offers with what the live records imply.

    Markers may rest in meeting partitions that a live record has left. Of a removed record nothing
    is left, not even a marker, for upkeep has asked for all of them.
    """
    live = {
        (reader.partition, key): record
        for reader in readers
        if reader.topic == RECORDS
        for key, value in reader.held.items()
        if (record := read_record(value))["status"] == "live"
    }
    for topic, implied in _IMPLIED.items():
        wanted: dict[Place, tuple[str, Any]] = {}
        for (home, key), record in live.items():
            wanted |= implied(home, key, record, end)
        held = _held(topic, readers)
        keys = {key for _, key in live}
        rests = {at: it for at, it in held.items() if not (_is_marker(it) and at[1] in keys)}
        _compare(f"{who} of {topic}", rests, wanted)
    judgements = {(0, key): ("Judgement", said) for key, said in end.judgements.items()}
    _compare(f"{who} of {VERDICTS}", _held(VERDICTS, readers), judgements)


def _relations(home: int, key: bytes, record: Any, end: Ending) -> Content:
    first = date.fromisoformat(end.first_days[key])
    said = relations_of_record(record, first, record["occurred_at"].date(), _ENTITY)
    return {(home, key + b"/intake"): ("RecordRelations", said)}


def _bundles(home: int, key: bytes, record: Any, _end: Ending) -> Content:
    bundles = bundles_of_record(record, home, _DIGESTS, MEETING_PARTITIONS)
    return {(part, key): ("Bundle", bundle) for part, bundle in bundles.items()}


_IMPLIED: Final[Mapping[str, Callable[[int, bytes, Any, Ending], Content]]] = {
    RELATIONS: _relations,
    MEETINGS: _bundles,
}


def _held(topic: str, readers: Sequence[PublicReader]) -> Content:
    """Give what readers hold, without the time."""
    return {
        (reader.partition, key): read_entry(topic, value)
        for reader in readers
        if reader.topic == topic
        for key, value in reader.held.items()
        if not key.startswith(TICK)
    }


def _is_marker(entry: tuple[str, Any]) -> bool:
    return entry[0] in MARKERS


def _compare(who: str, found: Content, wanted: Content) -> None:
    differing = {
        place: (found.get(place), wanted.get(place))
        for place in found.keys() | wanted.keys()
        if found.get(place) != wanted.get(place)
    }
    if differing:
        raise Violation(f"{who} finds (found, wanted): {differing}")
