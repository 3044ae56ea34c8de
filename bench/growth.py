"""How the four stages bear growth: a county's records through one process, without Kafka.

    python -m bench.growth [--sizes 20000,200000]

The records are those of the synthetic world's five departments, in nobody's order. At each size
it is told what the last tenth of the records up to there cost in each stage, what the values take,
what the process came to hold in memory, values included, and how soon new owners would be ready:
they load every value into new machines, one stage after the other. Reading the values from Kafka
comes on top. CPU time, with the garbage collector as the worker has it.
"""

from __future__ import annotations

import argparse
import gc
import json
from array import array
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, Final

import psutil

from bench.chain import Chain, Event, Room
from bench.intake_handle import TOPIC, messages
from recordbus.testing import records

_SEED: Final = 7
_LAST: Final = 10
_SIZES: Final = "20000,200000"
_MOMENT_MS: Final = int(records.MOMENT.timestamp() * 1000)


def county(chain: Chain, count: int) -> Iterator[Event]:
    """Give a county's records in a shuffled order that is always the same; all are made at once."""
    schema_id = chain.registry.id_of(f"{TOPIC}-value")
    keys, values, ends = list[bytes](), bytearray(), array("q", (0,))
    for message in messages(count, schema_id):
        keys.append(message.key or b"")
        values += message.value or b""
        ends.append(len(values))
    order = list(range(len(keys)))
    Random(_SEED).shuffle(order)
    return (Event(TOPIC, keys[at], bytes(values[ends[at] : ends[at + 1]])) for at in order)


class Growth:
    """A bus that grows, and what was measured of it so far."""

    def __init__(self, largest: int) -> None:
        self.chain = Chain({records.DEPARTMENT: records.ORI})
        self._events = county(self.chain, largest)
        self._fed = 0
        gc.collect()
        self._bytes_before = resident_bytes()

    def to(self, size: int) -> dict[str, Any]:
        """Feed it up to so many records, and measure."""
        self._feed(size - size // _LAST - self._fed)
        before = {name: room.seconds for name, room in self.chain.rooms.items()}
        last = size - self._fed
        self._feed(last)
        gc.collect()
        gc.freeze()
        grown = resident_bytes() - self._bytes_before
        found = {
            name: self._stage(room, (room.seconds - before[name]) / last * 1e6)
            for name, room in self.chain.rooms.items()
        }
        return {
            "records": self._fed,
            "us_a_record": round(sum(each["us_a_record"] for each in found.values()), 1),
            "state_bytes_a_record": sum(each["state_bytes_a_record"] for each in found.values()),
            "ready_seconds": max(each["ready_seconds"] for each in found.values()),
            "memory_bytes_a_record": grown // self._fed,
            "memory_mib": grown >> 20,
            "stages": found,
        }

    def _feed(self, count: int) -> None:
        self.chain.feed((next(self._events) for _ in range(count)), _MOMENT_MS)
        self._fed += count

    def _stage(self, room: Room, us_a_record: float) -> dict[str, Any]:
        """Measure a stage; a new owner takes it over, and the one so far goes."""
        return {
            "us_a_record": round(us_a_record, 1),
            "values": len(room.values),
            "state_bytes_a_record": room.state_bytes // self._fed,
            "ready_seconds": round(room.opened(), 2),
            "longest_ms": round(room.longest * 1000, 1),
        }


def resident_bytes() -> int:
    """Give the resident memory of this process."""
    found: int = psutil.Process().memory_info().rss
    return found


def measured(sizes: Sequence[int]) -> dict[str, Any]:
    """Let a bus grow to each size, in order."""
    growth = Growth(sizes[-1])
    gc.set_threshold(100_000, 50, 100)  # as the worker does
    steps = [growth.to(size) for size in sizes]
    first, last = steps[0], steps[-1]
    return {
        "steps": steps,
        "largest": last,
        "slower_times": round(last["us_a_record"] / first["us_a_record"], 2),
        "ready_seconds_a_million": round(last["ready_seconds"] / last["records"] * 1e6, 1),
    }


def main() -> None:
    """Measure and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=_SIZES, help="numbers of records, the smallest first")
    sizes = [int(each) for each in parser.parse_args().sizes.split(",")]
    print(json.dumps(measured(sizes)))


if __name__ == "__main__":
    main()
