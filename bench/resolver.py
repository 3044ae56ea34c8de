"""What one change of a mention costs the incremental resolver, without Kafka and on one core.

    python -m bench.resolver [--people N] [--kind person|vehicle|organisation]

The mentions are those of the synthetic world's records, normalised as intake does, in an order that
no department gave them. First all are published, then as many operations remove one or publish it
again. CPU time of this process, best of three passes; the garbage collector runs as Python has it.
"""

from __future__ import annotations

import argparse
import gc
import json
import platform
import time
from collections.abc import Iterator
from random import Random
from typing import cast

from producers.publisher import Owner
from producers.publisher.record import checked_value
from producers.publisher.stamp import live_change
from producers.synthetic.record_inputs import record_inputs
from producers.synthetic.world import world
from recordbus.avro.shapes import field_node
from recordbus.avro.writer import PlainWriter
from recordbus.testing import records
from schemas.types.published import Record
from streams.intake.normalise import Normaliser
from streams.resolution.from_records import mentions_of
from streams.resolution.mentions import Mention, OrganisationMention, PersonMention, VehicleMention
from streams.resolution.resolver import Resolver
from streams.shipped_models import shipped

TARGET_PER_SECOND = 10_000
PASSES = 3
_SEED = 7
_SECRET = b"identifier secret of the bus 32b"
_CONTACT = {"unit": "R", "phone": None, "email": None}
_OWNER = Owner(records.DEPARTMENT, records.ORI, "ingest.x.v1", _CONTACT, b"s" * 32)
_KINDS: dict[str, type[Mention]] = {
    "person": PersonMention,
    "vehicle": VehicleMention,
    "organisation": OrganisationMention,
}


def mentions(people: int, kind: str) -> list[Mention]:
    """Give a world's mentions of one kind, in a shuffled order that is always the same."""
    wanted = _KINDS[kind]
    found = [m for record in _records(people) for m in mentions_of(record) if isinstance(m, wanted)]
    Random(_SEED).shuffle(found)
    return found


def _records(people: int) -> Iterator[Record]:
    """Yield a world's records with their normalised mentions."""
    normaliser = Normaliser(_SECRET)
    write_body = PlainWriter(field_node(records.tree(records.CHANGE), "body"), complete=True).write
    for made in record_inputs(world(people, _SEED)):
        value = checked_value(made)
        change = live_change(_OWNER, value, write_body(value["body"]))
        key, kind, ori = change["record_key"], change["record_kind"], change["owner_ori"]
        normalised = normaliser.record(key, kind, ori, change["body"])
        yield cast(Record, {**change, "version": 1, "normalised": normalised})


def one_pass(found: list[Mention], kind: str) -> tuple[float, float]:
    """Give the seconds that publishing all takes, and as many removals and publications after."""
    resolver, chance = Resolver(shipped(kind)), Random(_SEED)
    gc.collect()
    start = time.process_time()
    for mention in found:
        resolver.publish(mention)
    published = time.process_time()
    for mention in chance.choices(found, k=len(found) // 2):
        resolver.remove(mention.mention_id)
        resolver.publish(mention)
    return published - start, time.process_time() - published


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=5_000)
    parser.add_argument("--kind", choices=_KINDS, default="person")
    given = parser.parse_args()
    found = mentions(given.people, given.kind)
    gc.collect()
    gc.freeze()  # as a worker does after it has started: what the bench itself holds is no garbage
    passes = [one_pass(found, given.kind) for _ in range(PASSES)]
    publish, change = (min(seconds) for seconds in zip(*passes, strict=True))
    told = {
        "kind": given.kind,
        "mentions": len(found),
        "published_per_second": round(len(found) / publish),
        "changed_per_second": round(len(found) // 2 * 2 / change),
        "target_per_second": TARGET_PER_SECOND,
        "python": platform.python_version(),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
