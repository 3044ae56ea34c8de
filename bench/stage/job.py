"""The job that every engine does: decode an event, work on it, say one thing, keep one value.

It is the same code for all, so what differs between engines is what they cost themselves.
"""

from __future__ import annotations

import hashlib
import time
from io import BytesIO
from random import Random
from typing import Any, Final

from fastavro import parse_schema, schemaless_reader, schemaless_writer

EVENT_BYTES: Final = 352
WORK_MICROSECONDS: Final = 45.0
KEYS: Final = 20_000

_FIELDS: Final = ("record_key", "surname", "given", "street", "city", "phone", "note")
EVENT: Final[Any] = parse_schema(
    {
        "type": "record",
        "name": "BenchEvent",
        "fields": [
            {"name": "sequence", "type": "long"},
            *({"name": name, "type": "string"} for name in _FIELDS),
        ],
    }
)
OUTPUT: Final[Any] = parse_schema(
    {
        "type": "record",
        "name": "BenchOutput",
        "fields": [
            {"name": "sequence", "type": "long"},
            {"name": "changes", "type": "long"},
            {"name": "record_key", "type": "string"},
            {"name": "name", "type": "string"},
            {"name": "place", "type": "string"},
            {"name": "digest", "type": "string"},
        ],
    }
)


def event(random: Random, sequence: int) -> tuple[bytes, bytes]:
    """Give the key and the value, of exactly `EVENT_BYTES`, of one made-up event."""
    key = hashlib.sha256(b"%d" % random.randrange(KEYS)).hexdigest()
    value: dict[str, Any] = {
        "sequence": sequence,
        "record_key": key,
        "surname": f"surname-{random.randrange(10**6):06}",
        "given": f"given-{random.randrange(10**6):06}",
        "street": f"{random.randrange(9999)} example street",
        "city": "example city",
        "phone": f"+1617555{random.randrange(10**4):04}",
        "note": "",
    }
    short = EVENT_BYTES - len(_encoded(EVENT, value)) - 1  # a longer note takes one byte more
    value["note"] = "n" * short
    encoded = _encoded(EVENT, value)
    while len(encoded) != EVENT_BYTES:
        value["note"] += "n" if len(encoded) < EVENT_BYTES else ""
        value["note"] = value["note"][: len(value["note"]) + EVENT_BYTES - len(encoded)]
        encoded = _encoded(EVENT, value)
    return key.encode(), encoded


class Job:
    """The work on one event, of about `WORK_MICROSECONDS` on the machine it was made on."""

    def __init__(self, rounds: int) -> None:
        self._rounds = rounds

    def work(self, value: bytes, state: bytes | None) -> tuple[bytes, bytes]:
        """Give the output and the new state of one event."""
        said: Any = schemaless_reader(BytesIO(value), EVENT, None)
        changes = int(state) + 1 if state else 1
        digest = value
        for _ in range(self._rounds):
            digest = hashlib.sha256(digest).digest()
        output = {
            "sequence": said["sequence"],
            "changes": changes,
            "record_key": said["record_key"],
            "name": f"{said['surname']}, {said['given']}".upper(),
            "place": f"{said['street']}, {said['city']}".upper(),
            "digest": digest.hex(),
        }
        return _encoded(OUTPUT, output), b"%d" % changes


def calibrated_rounds() -> int:
    """Find how many rounds of hashing make the work last `WORK_MICROSECONDS` here."""
    rounds, step = 0, 64
    while step:
        if microseconds_of(Job(rounds + step)) <= WORK_MICROSECONDS:
            rounds += step
        else:
            step //= 2
    return rounds


def microseconds_of(job: Job, count: int = 4000) -> float:
    """Measure the CPU microseconds that one event's work takes, the best of several tries."""
    events = [event(Random(n), n)[1] for n in range(200)]
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        for n in range(count):
            job.work(events[n % 200], b"7")
        best = min(best, (time.process_time() - began) / count * 1e6)
    return best


def _encoded(schema: Any, value: Any) -> bytes:
    out = BytesIO()
    schemaless_writer(out, schema, value)
    return out.getvalue()
