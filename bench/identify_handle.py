"""What identify's `handle` costs per record, without Kafka, and how soon it is ready again.

    python -m bench.identify_handle [--records N] [--restored N] [--profile]

The records are those of the synthetic world's five departments; intake and meet make lists of them,
each record's as it comes, and the lists that meet says again. CPU time of this thread, one pass:
identify begins with nothing. Then a new owner loads the values, and as many more lists of records
that nobody else knows as were asked for, and handles the last messages again from there.
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
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bench.intake_handle import TOPIC, messages
from recordbus.testing import records
from recordbus.testing.registry import MemoryRegistry
from streams.identify.entries import VERDICTS
from streams.identify.publish import RELATIONS
from streams.identify.stage import identify_stage
from streams.intake.handle import Publisher
from streams.intake.stage import make_intake
from streams.intake.topics import WRITTEN
from streams.meet.entries import MEETINGS
from streams.meet.stage import meet_stage
from streams.runtime.contract import Handled, Input, Machine, Output

TARGET_US = 230.0
_LAST = 500
_LIST = re.compile(rb"[0-9a-f]{64}/0")
_KEY_START = re.compile(rb"([0-9a-f]{16})(?=[0-9a-f]{48})")
_ODD = 0x9E3779B97F4A7C15
_ALL_BITS = (1 << 64) - 1


class Replay:
    """Feeds a machine message by message, as the runtime does; values are kept here."""

    def __init__(self, machine: Machine, topic: str) -> None:
        self.machine = machine
        self.topic = topic
        self.values: dict[bytes, bytes] = {}
        self.outcomes: Counter[str] = Counter()

    def take(self, said: Output) -> Handled:
        """Handle one message and follow what it changes."""
        message = Input(self.topic, 0, 0, said.key, said.value, 0, 0)
        key = self.machine.state_key(message)
        old = self.values.get(key)
        handled = self.machine.handle(message, old)
        if isinstance(handled.state, bytes):
            self.machine.changed(key, old, handled.state)
            self.values[key] = handled.state
        self.outcomes[handled.outcome] += 1
        return handled

    def take_all(self, said: Iterable[Output]) -> tuple[list[Output], float]:
        """Handle messages; give what is said, and the CPU seconds that it took."""
        began, found = time.thread_time(), list[Output]()
        for each in said:
            found += self.take(each).outputs
        return found, time.thread_time() - began


def registry() -> MemoryRegistry:
    """Give a registry of the four topics between departments and identities."""
    found = MemoryRegistry()
    for topic in (TOPIC, *WRITTEN, MEETINGS, VERDICTS, RELATIONS):
        found.add_topic(topic)
    return found


def lists(count: int, known: MemoryRegistry) -> tuple[list[Output], float]:
    """Give what meet says of as many records, in its order, and meet's own CPU seconds."""
    publishers = {TOPIC: Publisher(records.DEPARTMENT, records.ORI)}
    intake = make_intake(known, publishers, b"k" * 32)
    meet = Replay(meet_stage(known).machine(0), MEETINGS)
    bundles = [
        output
        for message in messages(count, known.id_of(f"{TOPIC}-value"))
        for output in intake.handle(message, None).outputs
        if output.topic == MEETINGS
    ]
    return meet.take_all(bundles)


def strangers(said: Sequence[Output], count: int) -> Iterator[Output]:
    """Give lists of records that nobody knows, made of known ones under other keys."""
    known = [each for each in said if _LIST.fullmatch(each.key)]
    for number in range(1, count + 1):
        original = known[number % len(known)]
        yield Output(
            VERDICTS, _renamed(original.key, number), _renamed(original.value or b"", number)
        )


def _renamed(text: bytes, number: int) -> bytes:
    """Give a text with another key for every record in it: the same for the same number."""

    def other(key: re.Match[bytes]) -> bytes:
        return b"%016x" % (int(key[1], 16) ^ number * _ODD & _ALL_BITS)

    return _KEY_START.sub(other, text)


def load(machine: Machine, values: Iterable[tuple[bytes, bytes]]) -> float:
    """Let a machine load values; give the seconds that took."""
    began = time.thread_time()
    for key, value in values:
        machine.loaded(key, value)
    return time.thread_time() - began


def main() -> None:
    """Measure, print one JSON line, and a profile when asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--restored", type=int, default=0)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    known = registry()
    said, meet_seconds = lists(options.records, known)
    stage = identify_stage(known)
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)  # as the worker does
    identify = Replay(stage.machine(0), VERDICTS)
    profile = cProfile.Profile() if options.profile else None
    outputs, seconds = (
        identify.take_all(said) if profile is None else profile.runcall(identify.take_all, said)
    )
    measured: dict[str, Any] = {
        "records": options.records,
        "messages": len(said),
        "said": len(outputs),
        "outcomes": dict(identify.outcomes),
        "us_per_record": round(seconds / options.records * 1e6, 1),
        "us_per_message": round(seconds / len(said) * 1e6, 1),
        "records_per_cpu_second": round(options.records / seconds),
        "meet_us_per_record": round(meet_seconds / options.records * 1e6, 1),
        "state_bytes_per_record": sum(map(len, identify.values.values())) // options.records,
        "target_us": TARGET_US,
        "python": platform.python_version(),
    }
    measured |= _restored(stage.machine(0), identify.values, said, options.restored)
    print(json.dumps(measured))
    if profile is not None:
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)


def _restored(
    machine: Machine, values: dict[bytes, bytes], said: Sequence[Output], more: int
) -> dict[str, Any]:
    """Measure a start from values: loading, memory, and the first messages with cold caches."""
    stranger = [(each.key, each.value or b"") for each in strangers(said, more)]
    own = sum(len(value) for _, value in stranger)
    gc.collect()
    tracemalloc.start()
    load(machine, list(values.items())[:1000])
    memory = tracemalloc.get_traced_memory()[0] // min(len(values), 1000)
    tracemalloc.stop()
    seconds = load(machine, [*values.items(), *stranger])
    again = Replay(machine, VERDICTS)
    again.values = dict(values)
    last = said[-_LAST:]
    first_seconds = again.take_all(last)[1]
    return {
        "restored_values": len(values) + more,
        "restored_bytes": own + sum(map(len, values.values())),
        "ready_after_seconds": round(seconds, 2),
        "load_us_per_value": round(seconds / (len(values) + more) * 1e6, 2),
        "index_bytes_per_value": memory,
        "first_messages_us": round(first_seconds / len(last) * 1e6, 1),
    }


if __name__ == "__main__":
    main()
