"""Messages of `records.v1` as intake makes them, for the index to take in."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from bench.field_contacts import body
from bench.intake_handle import TOPIC, make
from recordbus import ids
from recordbus.kafka.wire import frame
from recordbus.testing import records
from streams.intake.topics import RECORDS
from streams.runtime.contract import Input

_MOMENT_MS = int(records.MOMENT.timestamp() * 1000)
_HEADER_BYTES = 5


def framed(count: int, schema_id: int) -> list[tuple[bytes, bytes]]:
    """Give the key and value of `count` records, as a registry with this schema id has them."""
    draw = random.Random(7)
    return list(_made(((number, body(draw, number)) for number in range(count)), 1, schema_id))


def corrected(count: int, corrections: int, schema_id: int) -> list[tuple[bytes, bytes]]:
    """Give corrections of some of `count` records, in random order."""
    draw = random.Random(7)
    bodies = [body(draw, number) for number in range(count)]
    chosen = random.Random(8).sample(range(count), corrections)
    return list(_made(((number, _changed(bodies[number])) for number in chosen), 2, schema_id))


def _changed(told: dict[str, Any]) -> dict[str, Any]:
    first, *others = told["people"]
    person = first["person"]
    name, *aliases = person["names"]
    given = f"{name['given']}ann"
    names = [{**name, "given": given}, *aliases]
    addresses = [records.part("Address", full="7 Corrected Street, Boston, MA 02118")]
    corrected_person = {**person, "names": names, "addresses": addresses}
    return {
        **told,
        "people": [{**first, "person": corrected_person}, *others],
        "narrative": f"{told['narrative'] or ''} Corrected.",
    }


def _made(
    bodies: Iterator[tuple[int, dict[str, Any]]], source_seq: int, schema_id: int
) -> Iterator[tuple[bytes, bytes]]:
    intake, own_id = make()
    offset = source_seq << 32
    for number, told in bodies:
        key = ids.record_key(records.SECRET, "field_contact", told["record_id"])
        change = records.change(record_key=key, source_seq=source_seq, body=told)
        value = frame(own_id, records.encode(change))
        message = Input(TOPIC, 0, number, key.encode(), value, _MOMENT_MS, offset + number)
        (output,) = [each for each in intake.handle(message, None).outputs if each.topic == RECORDS]
        if output.value is None:
            raise AssertionError("intake gave a tombstone for a live record")
        yield key.encode(), frame(schema_id, output.value[_HEADER_BYTES:])
