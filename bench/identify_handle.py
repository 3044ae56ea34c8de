"""What identify's `handle` costs per record, without Kafka, and how soon it is ready again.

    python -m bench.identify_handle [--records N] [--restored N] [--order time|nobody] [--profile]

The records are those of the synthetic world's five departments, in the order of time or in
nobody's, and meet makes lists of them: first all are taken in; then a tenth is published again, and
a tenth taken away. A new owner loads the values, and as many more lists as were asked for, of
records that nobody else knows. At last some people become known fifty times, and every mention is
linked with all before it. CPU time of this thread, with the garbage collector as the worker has it.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import json
import platform
import pstats
import re
import time
import tracemalloc
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any

from bench.meet_handle import Entry, bundles, entries, removals
from bench.replay import Replay
from streams.collector import Collector
from streams.identify.entries import VERDICTS
from streams.identify.testing import evidence, framed, key_of, mention, pair, registry, stage
from streams.meet.testing import Desk
from streams.runtime.contract import Machine

_LAST = 500
_MEASURED = 20_000
_PEOPLE = 20
_TIMES = 50
_LIST = re.compile(rb"[0-9a-f]{64}/0")
_KEY_START = re.compile(rb"([0-9a-f]{16})(?=[0-9a-f]{48})")
_ODD = 0x9E3779B97F4A7C15
_ALL_BITS = (1 << 64) - 1


class Meet:
    """Meet, and what it says of records."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.header = registry().id_of(f"{VERDICTS}-value").to_bytes(4)

    def lists(self, given: Iterable[Entry]) -> list[Entry]:
        """Give what meet says of messages, under the schema's id in identify's registry."""
        desk, found = self.desk, list[Entry]()
        for entry in given:
            desk.offset += 1
            old = desk.states.get(entry.key)
            handled = desk.machine.handle(desk.message(*entry), old)
            assert isinstance(handled.state, bytes)
            desk.states[entry.key] = handled.state
            desk.machine.changed(entry.key, old, handled.state)
            found += [self._framed(output.key, output.value or b"") for output in handled.outputs]
        return found

    def _framed(self, key: bytes, value: bytes) -> Entry:
        return Entry(key, value[:1] + self.header + value[5:])


def strangers(said: Sequence[Entry], count: int) -> Iterator[Entry]:
    """Give lists of records that nobody knows, made of known ones under other keys."""
    known = [each for each in said if _LIST.fullmatch(each.key)]
    for number in range(1, count + 1):
        original = known[number % len(known)]
        yield Entry(_renamed(original.key, number), _renamed(original.value, number))


def _renamed(text: bytes, number: int) -> bytes:
    """Give a text with another key for every record in it: the same for the same number."""

    def other(key: re.Match[bytes]) -> bytes:
        return b"%016x" % (int(key[1], 16) ^ number * _ODD & _ALL_BITS)

    return _KEY_START.sub(other, text)


def load(values: Iterable[tuple[bytes, bytes]]) -> tuple[Machine, float]:
    """Let a new owner load values; give it, and the CPU seconds that it took."""
    machine = stage().machine(0)
    began = time.thread_time()
    for key, value in values:
        machine.loaded(key, value)
    return machine, time.thread_time() - began


def restored(
    values: dict[bytes, bytes], said: Sequence[Entry], more: int, collector: Collector
) -> dict[str, Any]:
    """Measure a start from values: loading, memory, and the first messages with cold caches."""
    stranger = list(strangers([Entry(*each) for each in values.items()], more))
    everything = [*values.items(), *stranger]
    gc.collect()
    gc.freeze()
    machine, seconds = load(everything)
    again = Replay(machine, VERDICTS, collector)
    again.values = dict(values)
    first_seconds = again.feed(said[-_LAST:])
    tracemalloc.start()
    measured = load(everything[-_MEASURED:])
    memory = tracemalloc.get_traced_memory()[0] // len(everything[-_MEASURED:])
    tracemalloc.stop()
    del measured
    return {
        "restored": len(everything),
        "load_seconds_a_million": round(seconds / len(everything) * 1e6, 1),
        "memory_bytes_a_record": memory,
        "first_messages_us": round(first_seconds / len(said[-_LAST:]) * 1e6, 1),
    }


def known_often(collector: Collector) -> dict[int, float]:
    """Give the CPU microseconds of a record about somebody who is known so many times with it."""
    identify = Replay(stage().machine(0), VERDICTS, collector)
    gc.collect()
    seconds = [
        identify.feed([_mentioned_again(person, times) for person in range(_PEOPLE)])
        for times in range(1, _TIMES + 1)
    ]
    return {
        times: round(sum(seconds[times - 5 : times]) / 5 / _PEOPLE * 1e6, 1)
        for times in range(10, _TIMES + 1, 20)
    }


def _mentioned_again(person: int, times: int) -> Entry:
    numbers = [person * _TIMES + each for each in range(1, times + 1)]
    said = evidence(numbers[-1], pairs=[pair(mention(each)) for each in numbers[:-1]])
    return Entry(key_of("RecordEvidence", said), framed("RecordEvidence", said))


def main() -> None:
    """Measure, print one JSON line, and a profile when asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--restored", type=int, default=50_000)
    parser.add_argument("--order", choices=("time", "nobody"), default="time")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    given, meet = bundles(options.records), Meet()
    tenth, desk = len(given) // 10, meet.desk
    corrected, removed = given[:tenth], given[-tenth:]
    if options.order == "time":
        given.sort(key=itemgetter("recorded_at"))
    first = meet.lists(entries(desk, given, 1 << 40))
    again = meet.lists(entries(desk, corrected, 2 << 40))
    gone = meet.lists(removals(desk, removed, 3 << 40))
    collector = Collector()  # as the worker has it
    identify = Replay(stage().machine(0), VERDICTS, collector)
    profile = cProfile.Profile()
    seconds = profile.runcall(identify.feed, first) if options.profile else identify.feed(first)
    said, state_bytes = identify.said, sum(map(len, identify.values.values()))
    measured: dict[str, Any] = {
        "records": len(given),
        "order": options.order,
        "messages": len(first),
        "handle_us": round(seconds / len(given) * 1e6, 1),
        "records_per_cpu_second": round(len(given) / seconds),
        "said_a_record": round(said / len(given), 2),
        "corrected_us": round(identify.feed(again) / tenth * 1e6, 1),
        "removed_us": round(identify.feed(gone) / tenth * 1e6, 1),
        "state_bytes_a_record": state_bytes // len(given),
        "python": platform.python_version(),
    }
    measured |= restored(identify.values, again, options.restored, collector)
    measured["known_often_us"] = known_often(collector)
    print(json.dumps(measured))
    if options.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)


if __name__ == "__main__":
    main()
