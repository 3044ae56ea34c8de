"""Wires meet to the runtime: its topics, its registry, its models, its metrics."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final, Protocol
from weakref import WeakValueDictionary

from recordbus import metrics
from recordbus.avro.shapes import same_bytes
from recordbus.avro.tree import build
from recordbus.kafka.wire import MAX_SCHEMA_ID
from schemas import catalog
from streams.intake.decode import GuardedDecoder, SchemaLookup
from streams.meet.entries import MEETINGS, EntryReader
from streams.meet.handle import VERDICTS, Meet
from streams.meet.mentions import KIND_OF
from streams.meet.publish import VerdictWriter
from streams.meet.worth import Comparer
from streams.resolution.limits import LIMITS, Limits
from streams.runtime.contract import Handled, Input, Note, Quarantine, Stage
from streams.shipped_models import shipped

NAME: Final = "meet"


class Registry(SchemaLookup, Protocol):
    """The schema registry, as meet uses it."""

    def id_of(self, subject: str) -> int:
        """Give the id of a subject's latest version."""


def meet_stage(registry: Registry, limits: Limits = LIMITS) -> Stage:
    """Give the stage that reads `meetings.v1`.

    Raises Retryable while the registry is away, and Misconfigured when it does not have the
    schemas of what the stage reads and writes.
    """
    reader, writer = _reader(registry), _writer(registry)
    comparer = Comparer({kind: shipped(kind) for kind in KIND_OF.values()})
    held: WeakValueDictionary[int, Meet] = WeakValueDictionary()

    def machine(partition: int) -> Meet:
        opened = held[partition] = Meet(reader, writer, comparer, limits)
        return opened

    _show(held)
    return Stage(
        NAME,
        (MEETINGS,),
        machine,
        observe=observe,
        tables=frozenset({MEETINGS}),
        set_aside=without_its_bytes,
    )


def _show(held: WeakValueDictionary[int, Meet]) -> None:
    """Show what is suspended now in the partitions that this worker holds, whenever it is asked."""
    metrics.MEET_SUSPENDED_BLOCKS.set_function(
        lambda: sum(each.suspended_blocks for each in held.values())
    )
    metrics.MEET_DEFAULT_VALUES.set_function(
        lambda: sum(each.default_values for each in held.values())
    )


def without_its_bytes(_message: Input, _state: bytes | None, why: Quarantine) -> Handled:
    """Set an entry aside by its position alone: no removal would find its bytes in quarantine."""
    return Handled(quarantined=why._replace(keep_value=False))


def _reader(registry: Registry) -> EntryReader:
    ours = catalog.avro_schema("recordbus.v1.MeetingEntry")
    schema_id = registry.id_of(f"{MEETINGS}-value")
    if not same_bytes(build(ours), build(registry.schema_by_id(schema_id).parsed)):
        schema_id = MAX_SCHEMA_ID  # a newer bus is about: no message is read as if it were ours
    return EntryReader(schema_id, GuardedDecoder(registry, ours, ""))


def _writer(registry: Registry) -> VerdictWriter:
    schema_id = registry.id_of(f"{VERDICTS}-value")
    schema: Any = registry.schema_by_id(schema_id).parsed
    return VerdictWriter(schema_id, schema)


def observe(notes: Counter[Note]) -> None:
    """Count what a committed batch flipped, and how many lists it said again."""
    for note, count in notes.items():
        counter = _COUNTERS[note.name]
        (counter.labels(*note.labels) if note.labels else counter).inc(count)


_COUNTERS: Final = {
    "block": metrics.MEET_BLOCK_FLIPS_TOTAL,
    "value": metrics.MEET_VALUE_FLIPS_TOTAL,
    "restated": metrics.MEET_RESTATED_LISTS_TOTAL,
    "oversize": metrics.MEET_OVERSIZE_LISTS_TOTAL,
}
