"""What readers hold of the public topics, and whether it is what the batch program says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final

from recordbus.avro.reader import PlainReader
from recordbus.kafka.wire import HEADER_BYTES
from recordbus.testing import records
from schemas import catalog
from streams.associate.handle import ASSOCIATIONS, IDENTITIES
from streams.intake.topics import RECORDS
from streams.resolution.limits import Limits
from tests.oracle.associations import Who, as_compared
from tests.oracle.batch import Outcome
from tests.simulator.bus.foretold import Ending, check_records, foretell
from tests.simulator.judge import PublicReader, Violation

PUBLIC: Final = (RECORDS, IDENTITIES, ASSOCIATIONS)
_VERSION: Final = 4
"""The place of the version in what is compared of a source."""


@cache
def _reader(topic: str) -> PlainReader:
    full_name = catalog.topics().spec(topic).value_schema
    assert full_name is not None
    return PlainReader(records.tree(full_name))


def read(topic: str, value: bytes) -> dict[str, Any]:
    """Read a value of a topic."""
    found: dict[str, Any] = _reader(topic).read(value, HEADER_BYTES)[0]
    return found


def compare(who: str, held: Held, end: Ending, now: datetime, limits: Limits) -> Outcome:
    """Compare every public topic with what it must hold; raises Violation."""
    found = {key: each for key, each in held.of(RECORDS) if not key.startswith("tick/")}
    check_records(end, found)
    outcome = foretell(end, found, now, limits)
    wanted = outcome.content
    differ(who, IDENTITIES, dict(_identities(held)), wanted.entities)
    standing, frozen = _associations(held)
    differ(who, ASSOCIATIONS, standing, wanted.associations)
    differ(who, f"{ASSOCIATIONS} (frozen)", frozen, wanted.frozen)
    return outcome


class Held:
    """What readers hold of each table."""

    def __init__(self, readers: Iterable[PublicReader]) -> None:
        self._readers = list(readers)

    def of(self, topic: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Give each key of a table with its value."""
        for reader in self._readers:
            if reader.topic == topic:
                yield from ((k.decode(), read(topic, v)) for k, v in reader.held.items())


def _identities(held: Held) -> Iterator[tuple[str, Who]]:
    for key, said in held.of(IDENTITIES):
        if said["entity_id"] is not None:
            yield key, Who(said["entity_id"], tuple(said["verdicts"]))


def _associations(held: Held) -> tuple[dict[str, Any], dict[str, Any]]:
    standing: dict[str, Any] = {}
    frozen: dict[str, Any] = {}
    for key, said in held.of(ASSOCIATIONS):
        if said["association"] is not None:
            shelf = frozen if said["status"] == "retracted" else standing
            shelf[key] = as_compared(said["association"])
    return standing, frozen


def content_of(held: Held, without_version_of: frozenset[str]) -> dict[str, Any]:
    """Give what live readers hold of every public topic, markers left out.

    Versions of some records are left out where they are wanted so.
    """
    live = {key: said for key, said in held.of(RECORDS) if not key.startswith("tick/")}
    standing, frozen = _associations(held)
    for each in (*standing.values(), *frozen.values()):
        if each["source"][0] in without_version_of:
            each["source"] = (*each["source"][:_VERSION], *each["source"][_VERSION + 1 :])
        each["courts"] = [
            (key, outcome) if key in without_version_of else (key, version, outcome)
            for key, version, outcome in each["courts"]
        ]
    return {
        RECORDS: {k: r["body"] for k, r in live.items() if r["status"] == "live"},
        IDENTITIES: dict(_identities(held)),
        ASSOCIATIONS: (standing, frozen),
    }


def differ(who: str, topic: str, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Compare two mappings; raises Violation."""
    if found != wanted:
        wrong = {
            key: (found.get(key), wanted.get(key))
            for key in found.keys() | wanted.keys()
            if found.get(key) != wanted.get(key)
        }
        raise Violation(f"{who} of {topic} finds (found, wanted): {wrong}")
