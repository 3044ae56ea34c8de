"""A county's records as departments would publish them, in nobody's order.

They are those of the synthetic world's five departments, published by one, and the same every time.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from random import Random
from typing import Final

from bench.chain import Event
from bench.intake_handle import TOPIC, messages

_SEED: Final = 7


def county(count: int, schema_id: int) -> Iterator[Event]:
    """Give so many records that intake accepts, shuffled; all are made at once.

    `schema_id` is the id of the schema of what departments publish.
    """
    return shuffled((m.key or b"", m.value or b"") for m in messages(count, schema_id))


def shuffled(made: Iterable[tuple[bytes, bytes]]) -> Iterator[Event]:
    """Give keys and values as events, in an order that is always the same."""
    keys, values, ends = list[bytes](), bytearray(), array("q", (0,))
    for key, value in made:
        keys.append(key)
        values += value
        ends.append(len(values))
    order = list(range(len(keys)))
    Random(_SEED).shuffle(order)
    return (Event(TOPIC, keys[at], bytes(values[ends[at] : ends[at + 1]])) for at in order)
