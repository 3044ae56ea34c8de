"""A county's records as departments would publish them, in nobody's order."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from random import Random
from typing import Final

from bench.chain import Event
from bench.intake_handle import TOPIC, messages

_SEED: Final = 7


def county(count: int, schema_id: int) -> Iterator[Event]:
    """Give a county's records in a shuffled order that is always the same; all are made at once.

    They are those of the synthetic world's five departments, published by one. `schema_id` is the
    id of the schema of what departments publish.
    """
    keys, values, ends = list[bytes](), bytearray(), array("q", (0,))
    for message in messages(count, schema_id):
        keys.append(message.key or b"")
        values += message.value or b""
        ends.append(len(values))
    order = list(range(len(keys)))
    Random(_SEED).shuffle(order)
    return (Event(TOPIC, keys[at], bytes(values[ends[at] : ends[at + 1]])) for at in order)
