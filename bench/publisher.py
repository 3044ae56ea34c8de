"""How fast one process publishes: checked, stamped, encoded, acknowledged by a real Kafka.

The records are those of the synthetic world's five departments, whole: people, vehicles,
places, narratives: few enough of them to stay in the processor's cache, as a record does that
was built a moment before it is published, each sent again and again with a new source_seq. In
the same run, a bare confluent-kafka loop sends the same bytes with the same settings: what is left
of its speed is what validation, stamping and encoding cost. Three rounds; the median counts.

    python -m bench.publisher [RECORDS]
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

from producers.publisher import Owner, Publisher
from producers.publisher.encoding import ChangeEncoder
from producers.publisher.record import checked_value
from producers.publisher.stamp import live_change
from producers.synthetic.record_inputs import record_inputs
from producers.synthetic.world import world
from recordbus.kafka.admin import Admin
from recordbus.kafka.catalogue import register_all, wanted_topics
from recordbus.kafka.producer import IdempotentProducer
from recordbus.local.servers import LocalServers
from schemas.limits import RECORD_BYTES

POPULATION = 10_000
DISTINCT = 16
WARM_UP = 5_000
ROUNDS = 3
STEP_ROUNDS = 500
DEPARTMENT = "bench-pd"


def main() -> None:
    """Measure and print one JSON object."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    made = list(islice(record_inputs(world(POPULATION, 7)), POPULATION))
    values = made[:: POPULATION // DISTINCT][:DISTINCT]
    del made
    owner = Owner(
        DEPARTMENT, "ZZ0000100", f"ingest.{DEPARTMENT}.v1",
        {"unit": "Records", "phone": None, "email": None}, b"s" * 32,
    )  # fmt: skip
    with LocalServers() as servers:
        Admin(servers.connection).apply_topics(wanted_topics([DEPARTMENT]))
        registry = servers.schema_registry()
        register_all(registry, [DEPARTMENT])
        encoder = ChangeEncoder(registry, owner.topic)
        registry.close()
        encoded = [whole(encoder, owner, checked_value(value)) for value in values]
        publish(servers, owner, encoder, values, WARM_UP, checked=False)
        sure = [checked_value(value) for value in values]
        rounds = [
            (
                publish(servers, owner, encoder, values, count, checked=False),
                publish(servers, owner, encoder, sure, count, checked=True),
                send_bytes(servers, owner, encoded, count),
            )
            for _ in range(ROUNDS)
        ]
    found, vouched, bare = (middle(each) for each in zip(*rounds, strict=True))
    steps = {name: round(spent, 1) for name, spent in cpu_of_steps(owner, encoder, values).items()}
    print(json.dumps({
        "records": count,
        "rounds": ROUNDS,
        "bytes_per_record": round(sum(map(len, encoded)) / len(encoded)),
        "publisher": found,
        "publisher_of_checked_values": vouched,
        "bare_loop": bare,
        "ratio_to_bare_loop": round(found["records_per_second"] / bare["records_per_second"], 2),
        "cpu_us_per_record_of_steps": steps,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }, indent=2))  # fmt: skip


def middle(rounds: Sequence[dict[str, float]]) -> dict[str, float]:
    """Give the round of median speed."""
    return sorted(rounds, key=lambda each: each["records_per_second"])[len(rounds) // 2]


def whole(encoder: ChangeEncoder, owner: Owner, value: Any) -> bytes:
    """Give the message that publishes a checked record."""
    body = encoder.body(value["body"])
    return encoder.encode(live_change(owner, value, body), body)


def publish(
    servers: LocalServers,
    owner: Owner,
    encoder: ChangeEncoder,
    values: list[Any],
    count: int,
    *,
    checked: bool,
) -> dict[str, float]:
    """Publish through the SDK until everything is durable."""
    producer = IdempotentProducer(servers.connection, max_message_bytes=RECORD_BYTES)
    publisher = Publisher(owner, encoder, producer)

    def send() -> None:
        for number in range(count):
            value = values[number % len(values)]
            publisher.publish({**value, "source_seq": number + 1}, checked=checked)
        publisher.flush()

    found = timed(send, count)
    producer.close()
    return found


def send_bytes(
    servers: LocalServers, owner: Owner, encoded: list[bytes], count: int
) -> dict[str, float]:
    """Send ready bytes with the producer alone."""
    producer = IdempotentProducer(servers.connection, max_message_bytes=RECORD_BYTES)

    def send() -> None:
        for number in range(count):
            at = number % len(encoded)
            producer.produce(owner.topic, b"%064d" % at, encoded[at])
            if not number % 64:
                producer.poll(0)
        producer.flush()

    found = timed(send, count)
    producer.close()
    return found


def timed(act: Callable[[], None], count: int) -> dict[str, float]:
    """Give records per second of wall clock and CPU time per record of this process."""
    cpu, wall = time.process_time(), time.perf_counter()
    act()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {
        "records_per_second": round(count / wall),
        "cpu_us_per_record": round(cpu / count * 1e6, 1),
    }


def cpu_of_steps(owner: Owner, encoder: ChangeEncoder, values: list[Any]) -> dict[str, float]:
    """Give the CPU time of checking, stamping and encoding, in microseconds a record."""
    checked = [checked_value(value) for value in values]
    bodies = [encoder.body(value["body"]) for value in checked]
    changes = [live_change(owner, v, b) for v, b in zip(checked, bodies, strict=True)]
    steps: dict[str, Callable[[], object]] = {
        "check": lambda: [checked_value(value) for value in values],
        "stamp": lambda: [live_change(owner, v, b) for v, b in zip(checked, bodies, strict=True)],
        "encode": lambda: [
            encoder.encode(change, encoder.body(change["body"])) for change in changes
        ],
    }
    spent = {}
    for name, act in steps.items():
        begun = time.process_time()
        for _ in range(STEP_ROUNDS):
            act()
        spent[name] = (time.process_time() - begun) / len(values) / STEP_ROUNDS * 1e6
    return spent


if __name__ == "__main__":
    main()
