"""What intake's `handle` costs per record, without Kafka: every message another record.

    python bench/intake_handle.py [--records N] [--profile]

A record has two people, a vehicle, a location and a narrative. Names are skewed as names are;
addresses, phones, dates and identifiers rarely repeat, so that caches help as much as they would.
CPU time of this thread, best of three passes; the parts are timed one by one.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import platform
import pstats
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

from recordbus import ids
from recordbus.kafka.wire import frame
from recordbus.testing import records
from recordbus.testing.registry import MemoryRegistry
from streams.intake.handle import RECORDS, Intake, Publisher
from streams.intake.stage import make_intake
from streams.runtime.contract import Input

TOPIC = f"ingest.{records.DEPARTMENT}.v1"
TARGET_US = 170.0
PASSES = 3
_SYLLABLES = ("BAR", "TON", "MER", "LIN", "SEN", "VAL", "OR", "KEN", "DRA", "WOOD", "HAR", "MON")


def name(draw: random.Random) -> str:
    """Draw a name, some far oftener than others."""
    number = int(draw.paretovariate(0.8)) % 4096
    first, rest = number % 12, number // 12
    return (_SYLLABLES[first] + _SYLLABLES[rest % 12] + _SYLLABLES[rest // 12 % 12]).title()


def body(draw: random.Random, number: int) -> dict[str, Any]:
    """Draw a field contact."""
    people = []
    for at in (1, 2):
        born = f"{draw.randint(1940, 2005)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
        street = f"{draw.randint(1, 999)} {name(draw)} Street"
        person = records.person(
            name(draw),
            name(draw),
            date_of_birth=records.part("DateValue", value=born, source=born),
            phones=[f"617-{draw.randint(200, 999)}-{draw.randint(0, 9999):04}"],
            identifiers=[
                records.part(
                    "Identifier",
                    type="driver_license",
                    value=f"S{draw.randint(0, 10**8):08}",
                    issuer="MA",
                )
            ],
            addresses=[
                records.part("Address", full=f"{street}, Boston, MA 02{draw.randint(100, 199)}")
            ],
        )
        people.append(records.person_role("field_contact", f"p{at}", person=person))
    plate = f"{draw.randint(0, 9)}{''.join(draw.choices('ABCDEFGH', k=3))}{draw.randint(0, 99):02}"
    vehicle = records.vehicle_role("field_contact", "v1", plate=plate)
    return records.body(record_id=f"FC-{number}", people=people, vehicles=[vehicle])


def messages(count: int, schema_id: int) -> Iterator[Input]:
    """Give as many messages as asked, each of another record, the same ones every time."""
    draw = random.Random(7)
    moment = int(records.MOMENT.timestamp() * 1000)
    for number in range(count):
        key = ids.record_key(records.SECRET, "field_contact", f"FC-{number}")
        change = records.change(record_key=key, body=body(draw, number))
        value = frame(schema_id, records.encode(change))
        yield Input(TOPIC, 0, number, key.encode(), value, moment, number)


def make() -> tuple[Intake, int]:
    """Make an intake of one department on a registry in memory."""
    registry = MemoryRegistry()
    schema_id = registry.add_topic(TOPIC)
    registry.add_topic(RECORDS)
    publishers = {TOPIC: Publisher(records.DEPARTMENT, records.ORI)}
    return make_intake(registry, publishers, b"k" * 32), schema_id


def once(intake: Intake, given: list[Input]) -> float:
    """Handle every message once; give CPU microseconds a record."""
    began = time.thread_time()
    for message in given:
        if intake.handle(message, None).outcome != "accepted":
            raise AssertionError("the bench's own records must be accepted")
    return (time.thread_time() - began) / len(given) * 1e6


def timed(work: Callable[[Input], Any], given: list[Input]) -> float:
    began = time.thread_time()
    for message in given:
        work(message)
    return (time.thread_time() - began) / len(given) * 1e6


def main() -> None:
    """Measure, print one JSON line, and a profile when asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=4000)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    intake, schema_id = make()
    given = list(messages(options.records, schema_id))
    once(intake, given[:50])
    cold = once(intake, given)
    warm = min(once(intake, given) for _ in range(PASSES))
    decode = timed(lambda m: intake._changes.decode(m.topic, m.value or b""), given)  # noqa: SLF001
    print(
        json.dumps(
            {
                "records": len(given),
                "bytes_in": sum(len(m.value or b"") for m in given) // len(given),
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
