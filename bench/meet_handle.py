"""What meet's `handle` costs per record, without Kafka: a county's records, one after the other.

    python -m bench.meet_handle [--records N] [--profile]

The records are those of the synthetic world's five departments, and come in an order that no
department gave them. First all are taken in; then a tenth is published again, and a tenth taken
away and published again; at last a new owner loads the values. CPU time of this thread, with the
garbage collector as the worker has it.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import platform
import pstats
import time
from collections import Counter
from collections.abc import Callable, Iterable
from random import Random
from typing import Any, NamedTuple

import psutil

from bench.intake_handle import make, messages
from bench.replay import TENDED
from recordbus.avro.reader import PlainReader
from recordbus.kafka.wire import HEADER_BYTES
from recordbus.testing import records
from schemas.types import Bundle
from streams.collector import Collector
from streams.meet.digests import Digests
from streams.meet.offer import bundles_of_record, removal
from streams.meet.testing import Desk

TARGET_US = 250.0
_SEED = 7
_SECRET = b"identifier secret of the bus 32b"


class Entry(NamedTuple):
    """A message: its key, and its value."""

    key: bytes
    value: bytes


class Bench:
    """A partition of meet that is fed, and what it said so far."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.outputs = self.output_bytes = 0
        self.notes: Counter[str] = Counter()

    def feed(self, entries: list[Entry], collector: Collector) -> float:
        """Handle messages; give CPU microseconds each, those of the collector with them."""
        machine, states, desk = self.desk.machine, self.desk.states, self.desk
        began = time.thread_time()
        for number, entry in enumerate(entries, 1):
            desk.offset += 1
            old = states.get(entry.key)
            handled = machine.handle(desk.message(*entry), old)
            assert isinstance(handled.state, bytes)
            states[entry.key] = handled.state
            machine.changed(entry.key, old, handled.state)
            self.outputs += len(handled.outputs)
            self.output_bytes += sum(len(output.value or b"") for output in handled.outputs)
            self.notes.update(f"{note.name} {note.labels[0]}" for note in handled.notes)
            if not number % TENDED:
                collector.tend()
        return (time.thread_time() - began) / len(entries) * 1e6

    def load_seconds(self) -> float:
        """Let a new owner load the values; give CPU seconds."""
        began = time.thread_time()
        self.desk.restart()
        return time.thread_time() - began


def bundles(count: int) -> list[Bundle]:
    """Give the bundles of as many records, in a shuffled order that is always the same."""
    intake, schema_id = make()
    reader, digests = PlainReader(records.tree("recordbus.v1.Record")), Digests(_SECRET)
    found = []
    for message in messages(count, schema_id):
        value = intake.handle(message, None).outputs[0].value
        assert value is not None
        found.append(bundles_of_record(reader.read(value, HEADER_BYTES)[0], 0, digests, 1)[0])
    Random(_SEED).shuffle(found)
    return found


def entries(desk: Desk, given: Iterable[Bundle], version: int) -> list[Entry]:
    """Give the messages of bundles in a version that is newer than all before."""
    return [
        Entry(each["record_key"].encode(), desk.writer.bundle({**each, "version": version}))
        for each in given
    ]


def removals(desk: Desk, given: Iterable[Bundle], version: int) -> list[Entry]:
    """Give the messages that take records away."""
    return [
        Entry(
            each["record_key"].encode(),
            desk.writer.removed(removal(each["record_key"], version, 0, [], "withdrawn")),
        )
        for each in given
    ]


def _run(feed: Callable[..., float], *given: Any) -> float:
    return feed(*given)


def main() -> None:
    """Measure, print one JSON line, and a profile when asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    given = bundles(options.records)
    tenth = len(given) // 10
    bench = Bench()
    desk = bench.desk
    first = entries(desk, given, 1 << 40)
    collector = Collector()  # as the worker has it
    before_bytes = psutil.Process().memory_info().rss
    profile = cProfile.Profile()
    run = profile.runcall if options.profile else _run
    taken_in = run(bench.feed, first, collector)
    grown = psutil.Process().memory_info().rss - before_bytes
    outputs, output_bytes = bench.outputs, bench.output_bytes
    corrected = bench.feed(entries(desk, given[:tenth], 2 << 40), collector)
    removed = bench.feed(removals(desk, given[-tenth:], 3 << 40), collector)
    returned = bench.feed(entries(desk, given[-tenth:], 4 << 40), collector)
    state_bytes = sum(map(len, desk.states.values()))
    load = bench.load_seconds()
    print(
        json.dumps(
            {
                "records": len(given),
                "handle_us": round(taken_in, 1),
                "records_per_cpu_second": round(1e6 / taken_in),
                "corrected_us": round(corrected, 1),
                "removed_us": round(removed, 1),
                "returned_us": round(returned, 1),
                "outputs_a_record": round(outputs / len(given), 3),
                "output_bytes_a_record": round(output_bytes / len(given)),
                "state_bytes_a_record": round(state_bytes / len(given)),
                "memory_bytes_a_record": round(grown / len(given)),
                "load_seconds_a_million": round(load / len(given) * 1e6, 1),
                "counted": dict(sorted(bench.notes.items())),
                "target_us": TARGET_US,
                "python": platform.python_version(),
            }
        )
    )
    if options.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(40)


if __name__ == "__main__":
    main()
