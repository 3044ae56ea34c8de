"""What intake's `handle` costs per record, without Kafka: every message another record.

    python -m bench.intake_handle [--records N] [--profile]

The records are those of the synthetic world's five departments, in the world's own mix: people,
vehicles, places, narratives, and names, addresses and phones that come again as they do in life.
CPU time of this thread, best of three passes; the first pass, with cold caches, is told apart.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import json
import platform
import pstats
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from producers.publisher import Owner
from producers.publisher.record import checked_value
from producers.publisher.stamp import live_change
from producers.synthetic.record_inputs import record_inputs
from producers.synthetic.world import world
from recordbus.avro.shapes import field_node
from recordbus.avro.writer import PlainWriter
from recordbus.kafka.wire import frame
from recordbus.testing import records
from recordbus.testing.registry import MemoryRegistry
from streams.intake.handle import Intake, Publisher
from streams.intake.stage import make_intake
from streams.intake.topics import WRITTEN
from streams.runtime.contract import Input

TOPIC = f"ingest.{records.DEPARTMENT}.v1"
TARGET_US = 250.0
PASSES = 3
_SEED = 7
_OWNER = Owner(
    records.DEPARTMENT, records.ORI, TOPIC, {"unit": "R", "phone": None, "email": None}, b"s" * 32
)


def messages(count: int, schema_id: int) -> Iterator[Input]:
    """Give as many messages as asked that intake accepts, each of another record.

    They are the same every time. The world plants a few errors; those are left out.
    """
    intake, own_id = make()
    moment = int(records.MOMENT.timestamp() * 1000)
    number = 0
    for key, payload in changes(count):
        judged = Input(TOPIC, 0, number, key, frame(own_id, payload), moment, number)
        if number < count and intake.handle(judged, None).outcome == "accepted":
            yield judged._replace(value=frame(schema_id, payload))
            number += 1


def changes(people: int) -> Iterator[tuple[bytes, bytes]]:
    """Give key and Avro bytes of every record of a world."""
    body_writer = PlainWriter(field_node(records.tree(records.CHANGE), "body"), complete=True)
    for made in record_inputs(world(people, _SEED)):
        value = checked_value(made)
        change = live_change(_OWNER, value, body_writer.write(value["body"]))
        yield change["record_key"].encode(), records.encode(change)


def make() -> tuple[Intake, int]:
    """Make an intake of one department on a registry in memory."""
    registry = MemoryRegistry()
    schema_id = registry.add_topic(TOPIC)
    for topic in WRITTEN:
        registry.add_topic(topic)
    publishers = {TOPIC: Publisher(records.DEPARTMENT, records.ORI)}
    return make_intake(registry, publishers, b"k" * 32), schema_id


def once(intake: Intake, given: list[Input]) -> float:
    """Handle every message once; give CPU microseconds a record."""
    began = time.thread_time()
    for message in given:
        if intake.handle(message, None).outcome != "accepted":
            raise AssertionError("the bench's own records must be accepted")
    return (time.thread_time() - began) / len(given) * 1e6


def said(intake: Intake, given: list[Input]) -> dict[str, float]:
    """Give how many messages, and bytes, are said of a record, by topic."""
    found: Counter[str] = Counter()
    for output in chain.from_iterable(intake.handle(each, None).outputs for each in given):
        found["outputs_a_record"] += 1
        found[f"{output.topic}_bytes"] += len(output.value or b"")
    return {name: round(count / len(given), 2) for name, count in sorted(found.items())}


def timed(work: Callable[[Input], Any], given: list[Input]) -> float:
    began = time.thread_time()
    for message in given:
        work(message)
    return (time.thread_time() - began) / len(given) * 1e6


def main() -> None:
    """Measure, print one JSON line, and a profile when asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    intake, schema_id = make()
    given = list(messages(options.records, schema_id))
    once(intake, given[:50])
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)  # rarely; a worker has its own way
    cold = once(intake, given)
    warm = min(once(intake, given) for _ in range(PASSES))
    decode = timed(lambda m: intake._changes.decode(m.topic, m.value or b""), given)  # noqa: SLF001
    print(
        json.dumps(
            {
                "records": len(given),
                "bytes_in": sum(len(m.value or b"") for m in given) // len(given),
                **said(intake, given),
                "first_pass_us": round(cold, 1),
                "warm_us": round(warm, 1),
                "decode_us": round(decode, 1),
                "records_per_cpu_second": round(1e6 / cold),
                "target_us": TARGET_US,
                "python": platform.python_version(),
            }
        )
    )
    if options.profile:
        profile = cProfile.Profile()
        profile.runcall(once, intake, given)
        pstats.Stats(profile).sort_stats("tottime").print_stats(40)


if __name__ == "__main__":
    main()
