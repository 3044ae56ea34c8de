"""A department that publishes at a steady rate, in a process of its own.

    python -m bench.load --config FILE --rate 2000 --seconds 60 --output FILE

Writes, at the end, one JSON object: the last acknowledged `source_seq` of every record key, and
what it sent. One change in ten corrects the narrative of an earlier record; the others are new.
With `--samples FILE` it also writes, as it goes on, the key and the time of acknowledgement
(nanoseconds since 1970) of one new record in fifty, or in so many as `--sampled-every` says.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from itertools import count, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from producers.publisher import Receipt
from producers.publisher.record import checked_value
from producers.session import connect, owner_of
from producers.synthetic.record_inputs import record_inputs
from producers.synthetic.world import world
from recordbus.settings import load

DEPARTMENT: Final = "bench-pd"
_DISTINCT: Final = 5_000
_STEP_SECONDS: Final = 0.01
_CORRECTED_EVERY: Final = 10
_SAMPLED_EVERY: Final = 50


def main() -> None:
    """Publish, then report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True)
    parser.add_argument("--rate", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument(
        "--distinct", type=int, default=_DISTINCT, help="records before they repeat"
    )
    parser.add_argument("--samples", type=Path)
    parser.add_argument("--sampled-every", type=int, default=_SAMPLED_EVERY)
    asked = parser.parse_args()
    os.environ["RECORDBUS_CONFIG"] = asked.config
    settings = load()
    publisher, close = connect(settings, owner_of(settings, DEPARTMENT))
    last: dict[str, int] = {}
    failed = 0
    samples = asked.samples.open("w", buffering=1) if asked.samples else None

    def note(receipt: Receipt) -> None:
        nonlocal failed
        if receipt.error is not None:
            failed += 1
            return
        is_new = receipt.record_key not in last
        if samples and is_new and len(last) % asked.sampled_every == 0:
            samples.write(f"{receipt.record_key} {time.time_ns()}\n")
        last[receipt.record_key] = max(receipt.source_seq, last.get(receipt.record_key, 0))

    sent = 0
    values = records(asked.distinct)
    next(values)  # makes the world before the clock starts
    started = time.monotonic()
    while (elapsed := time.monotonic() - started) < asked.seconds:
        due = int(elapsed * asked.rate) + 1
        for value in islice(values, max(0, due - sent)):
            publisher.publish(value, note, checked=True)
            sent += 1
        publisher.poll(0)
        time.sleep(_STEP_SECONDS)
    publisher.flush()
    seconds = time.monotonic() - started
    close()
    told = {"sent": sent, "failed": failed, "seconds": seconds, "last": last}
    asked.output.write_text(json.dumps(told), encoding="utf-8")


def records(distinct: int) -> Iterator[dict[str, Any]]:
    """Yield records for ever: synthetic ones under ever new numbers, one in ten corrected."""
    known = [checked_value(each) for each in islice(record_inputs(world(distinct, 11)), distinct)]
    known.sort(key=itemgetter("recorded_at"))  # as they come to a department's desk
    for round_number in count():
        for number, value in enumerate(known):
            # A corrected record keeps the number it had in the round before.
            back = int(round_number > 0 and number % _CORRECTED_EVERY == 0)
            own_number = f"{value['body']['record_id']}-{round_number - back}"
            body = {**value["body"], "record_id": own_number}
            if back:
                body["narrative"] = f"{body['narrative'] or ''} Corrected."
            yield {**value, "source_seq": round_number + 1, "body": body}


if __name__ == "__main__":
    main()
