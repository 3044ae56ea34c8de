"""What a live record lays before each meeting partition, as intake states it (pure).

Invariant: a mention's bundles together have all its keys, each where the key lives; every bundle
that names a mention has all that is compared of it, and nothing of R-10 nor any phone, e-mail or
address key in plain.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

from schemas.association_rules import MATTER_MARK, RelationRule, association_rules
from schemas.rules import basis_table, clock_ends
from schemas.types import (
    Bundle,
    BundleRemoved,
    MeetingDecision,
    MeetingMatter,
    MeetingMember,
    MeetingOther,
    Record,
    RetractionReason,
)
from streams.meet.digests import Digests, joined, partition_of
from streams.meet.packing import Packed, Packing
from streams.resolution.from_records import age_at_event, mentions_of, microseconds, people_of

_DISPOSITION: Final = "disposition"
_MATTER: Final = "matter"
_PARTS: Final = ("people", "vehicles", "organisations")
"""Where mentions are in a bundle, in the order of its members."""


class _Matter(NamedTuple):
    """A matter by which courts may reach a record, with its packed key."""

    local_id: str
    key: bytes


def bundles_of_record(
    record: Record, home_partition: int, digests: Digests, partitions: int
) -> dict[int, Bundle]:
    """Give the bundles of a live value of `records.v1`, by meeting partition, in order.

    `home_partition` is the record's partition in `records.v1`, `partitions` how many meeting
    partitions there are.
    """
    offered = list(map(_packing(digests).packed, mentions_of(record)))
    matters = list(_matters(record, digests))
    home = partition_of(record["record_key"].encode(), partitions)
    places = _places(offered, matters, partitions) | {home}
    head = _head(record, home_partition, sorted(places))
    return {
        part: _bundle(head, record, part == home, _Lives(part, partitions), offered, matters)
        for part in head["parts"]
    }


def removal(
    record_key: str,
    version: int,
    home_partition: int,
    parts: list[int],
    reason: RetractionReason | None,
) -> BundleRemoved:
    """Give what a meeting partition is told that a record has nothing in any more.

    `parts` and `reason` are those of the version that ended it: none and its status when the record
    is gone, its parts and None when it lives on elsewhere.
    """
    return {
        "record_key": record_key,
        "version": version,
        "home_partition": home_partition,
        "parts": parts,
        "reason": reason,
    }


@lru_cache(maxsize=8)
def _packing(digests: Digests) -> Packing:
    """Give what packs mentions under a secret; it remembers what comes again."""
    return Packing(digests)


class _Lives:
    """Tells which keys live in one partition."""

    def __init__(self, part: int, partitions: int) -> None:
        self._part, self._partitions = part, partitions

    def here(self, keys: Collection[bytes]) -> Collection[bytes]:
        if self._partitions == 1:
            return keys
        return [key for key in keys if partition_of(key, self._partitions) == self._part]

    def __contains__(self, key: bytes) -> bool:
        return partition_of(key, self._partitions) == self._part


def _places(offered: Iterable[Packed], matters: Iterable[_Matter], partitions: int) -> set[int]:
    if partitions == 1:
        return {0}
    found = {partition_of(each.key, partitions) for each in matters}
    for each in offered:
        found |= {partition_of(key, partitions) for key in each.keys | each.values}
    return found


def _head(record: Record, home_partition: int, parts: list[int]) -> dict[str, Any]:
    """Give what all bundles of a record have in common."""
    return {
        "record_key": record["record_key"],
        "version": record["version"],
        "home_partition": home_partition,
        "parts": parts,
        "recorded_at": microseconds(record["recorded_at"]),
        "reached_by_courts": _is_reached(record),
        "decision": _decision(record),
    }


def _bundle(
    head: Mapping[str, Any],
    record: Record,
    is_home: bool,
    lives: _Lives,
    offered: Iterable[Packed],
    matters: Iterable[_Matter],
) -> Bundle:
    members: list[MeetingMember] = []
    parts: dict[str, list[Any]] = {part: [] for part in _PARTS}
    for part, details, all_keys, all_values, name in offered:
        keys, values = lives.here(all_keys), lives.here(all_values)
        if not (is_home or keys or values):
            continue
        holder = name if values else b""
        members.append({"keys": joined(keys), "values": joined(values), "holder": holder})
        parts[part].append(details)
    said: Bundle = {
        **head,  # type: ignore[typeddict-item]
        "is_home": is_home,
        "matters": list(_matters_of(matters, lives, is_home=is_home)),
        "members": members,
        "people": parts["people"],
        "vehicles": parts["vehicles"],
        "organisations": parts["organisations"],
        "others": list(_others(record)) if is_home else [],
    }
    return said


def _matters_of(
    matters: Iterable[_Matter], lives: _Lives, *, is_home: bool
) -> Iterator[MeetingMatter]:
    for local_id, key in matters:
        if key in lives:
            yield {"local_id": local_id, "key": key}
        elif is_home:
            yield {"local_id": local_id, "key": b""}


def _others(record: Record) -> Iterator[MeetingOther]:
    """Give the people who are only described: who they are nobody can tell."""
    for person, role in people_of(record):
        if role["description_only"]:
            age = age_at_event(record, person, role)
            yield {"local_id": person["local_id"], "kind": "person", "age_years": age}


def _is_reached(record: Record) -> bool:
    """Tell whether a record states what ends by a court's disposition (R-26)."""
    return not _ended_by_courts().isdisjoint([each["basis"] for each in record["relations"]])


@cache
def _ended_by_courts() -> frozenset[str]:
    """Give the bases whose clocks end by a disposition."""
    table = basis_table()
    return frozenset(name for name in table if table[name].clock.until == _DISPOSITION)


def _decision(record: Record) -> MeetingDecision | None:
    """Give what a court's record decides, and the people in roles that decisions are about."""
    told = clock_ends()[_DISPOSITION].read_from.get(record["record_kind"])
    if told is None:
        return None
    assert record["body"] is not None
    details: Mapping[str, Any] = record["body"]["details"][1]
    roles = _decided_roles(record["record_kind"])
    people = [p["local_id"] for p in record["body"]["people"] if p["role"] in roles]
    return {"outcome": details[told["field"]], "people": people}


def _matters(record: Record, digests: Digests) -> Iterator[_Matter]:
    """Give the matters by which a decision finds what it is about; none where no court matters."""
    if not _is_reached(record) and record["record_kind"] not in _court_kinds():
        return
    assert record["normalised"] is not None
    for matter in record["normalised"]["matters"]:
        text = f"{_MATTER}:{matter['type']}|{matter['key']}"
        yield _Matter(matter["local_id"], digests.key(_MATTER, text))


@cache
def _court_kinds() -> frozenset[str]:
    return frozenset(clock_ends()[_DISPOSITION].read_from)


@cache
def _decided_roles(kind: str) -> frozenset[str]:
    """Give the roles of the people whom a decision is about: those it ties to a matter."""
    return frozenset(role for rule in _matter_rules(kind) for role in rule.from_roles)


def _matter_rules(kind: str) -> Iterator[RelationRule]:
    """Give the rules of a record kind by which roles alone lead to a matter."""
    for rule in association_rules()[kind].relations:
        if not rule.asserted and any(role.startswith(MATTER_MARK) for role in rule.to_roles):
            yield rule
