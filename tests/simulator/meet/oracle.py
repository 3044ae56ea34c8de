"""What one meeting partition must have said, from the live records alone: a plain batch program.

It shares the scorer, the keys and the digests with the stage, and none of its bookkeeping.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import chain, combinations
from typing import Any, NamedTuple

from streams.meet.digests import Digests, partition_of, text_of
from streams.meet.mentions import concealed
from streams.resolution.from_records import mentions_of
from streams.resolution.keys import keys_of
from streams.resolution.kinds import KINDS
from streams.resolution.limits import Limits
from streams.resolution.mentions import (
    Mention,
    OrganisationMention,
    PersonMention,
    VehicleMention,
)
from streams.resolution.verdicts import Judge
from streams.shipped_models import shipped

KIND = {PersonMention: "person", VehicleMention: "vehicle", OrganisationMention: "organisation"}
_JUDGES = {name: Judge(shipped(name)) for name in KIND.values()}


class Fact(NamedTuple):
    """What a pair must be said to be, whichever side says it."""

    kind: str
    levels: bytes
    frequencies: tuple[float, ...]
    shared: frozenset[tuple[str, int]]


class Foretold(NamedTuple):
    """What a partition must have said; pairs by mention ids in order, links as they are said."""

    pairs: Mapping[tuple[str, str], Fact]
    links: frozenset[tuple[Any, ...]]
    own_links: frozenset[tuple[Any, ...]]
    defaults: frozenset[str]
    suspended: frozenset[bytes]


class Seen(NamedTuple):
    """A mention with its concealed form, its keys and its values in this partition."""

    record: dict[str, Any]
    plain: Mention
    mention: Mention
    keys: frozenset[bytes]
    values: frozenset[bytes]


class Partition(NamedTuple):
    """A meeting partition among others."""

    place: int
    partitions: int
    digests: Digests

    def holds(self, key: bytes) -> bool:
        """Say whether a key lives here."""
        return partition_of(key, self.partitions) == self.place

    def is_home(self, record_key: str) -> bool:
        """Say whether all of a record's mentions are stated here."""
        return partition_of(record_key.encode(), self.partitions) == self.place


def foretell(live: Iterable[dict[str, Any]], here: Partition, limits: Limits) -> Foretold:
    """Give what must have been said when these records are live."""
    records = list(live)
    seen = [_seen(record, mention, here) for record in records for mention in mentions_of(record)]  # type: ignore[arg-type]
    defaults = _defaults(seen, limits.value_names)
    blocks: defaultdict[bytes, list[Seen]] = defaultdict(list)
    for each in seen:
        for key in each.keys:
            blocks[key].append(each)
    most = limits.block_members
    suspended = frozenset(key for key, block in blocks.items() if len(block) > most)
    pairs: dict[tuple[str, str], Fact] = {}
    for key in blocks.keys() - suspended - defaults:
        for a, b in combinations(blocks[key], 2):
            _pair(a, b, pairs)
    links, crowded = _links(records, here, most)
    own = frozenset(link for record in records for link in _own_links(record, here))
    texts = frozenset(map(text_of, defaults))
    return Foretold(pairs, links, own, texts, suspended | crowded)


def _seen(record: dict[str, Any], mention: Mention, here: Partition) -> Seen:
    name = KIND[type(mention)]
    keys, key = keys_of(mention), here.digests.key
    packed = {key(name, text) for text in keys.own | keys.values}
    values = {key(name, text) for text in KINDS[name].values(mention)}
    return Seen(
        record,
        mention,
        concealed(mention, here.digests),
        frozenset(filter(here.holds, packed)),
        frozenset(filter(here.holds, values)),
    )


def _defaults(seen: Iterable[Seen], most: int) -> frozenset[bytes]:
    names: defaultdict[bytes, set[str]] = defaultdict(set)
    for each in seen:
        holder = KINDS[KIND[type(each.plain)]].holder(each.plain)
        for value in each.values if holder else ():
            names[value].add(holder)
    return frozenset(value for value, held in names.items() if len(held) > most)


def _pair(a: Seen, b: Seen, pairs: dict[tuple[str, str], Fact]) -> None:
    if a.record is b.record:
        return
    kind = KINDS[KIND[type(a.mention)]]
    if kind.are_told_apart(a.mention, b.mention):
        return
    judge = _JUDGES[kind.name]
    evidence = kind.compare(a.mention, b.mention, judge.model.terms)
    values = [key for key, _ in evidence.shared]
    subsets = chain.from_iterable(combinations(values, n) for n in range(len(values) + 1))
    if any(judge.verdict(evidence, subset).is_kept for subset in subsets):
        first, second = sorted((a.mention.mention_id, b.mention.mention_id))
        pairs[first, second] = Fact(
            kind.name,
            bytes(evidence.levels),
            tuple(evidence.frequencies),
            frozenset(evidence.shared),
        )


def _links(
    records: list[dict[str, Any]], here: Partition, most: int
) -> tuple[frozenset[tuple[Any, ...]], frozenset[bytes]]:
    """Give the links between records by matters, and the matters that too many share."""
    blocks: defaultdict[bytes, list[tuple[dict[str, Any], str]]] = defaultdict(list)
    for record in records:
        if _is_court(record) or record["relations"]:
            for matter in record["normalised"]["matters"]:
                text = f"matter:{matter['type']}|{matter['key']}"
                blocks[here.digests.key("matter", text)].append((record, matter["local_id"]))
    links = set()
    for key, block in blocks.items():
        if here.holds(key) and len(block) <= most:
            links |= {
                _link(reached, matter, court)
                for reached, matter in block
                for court, _ in block
                if _is_court(court) and reached["relations"] and court is not reached
            }
    crowded = frozenset(k for k, block in blocks.items() if here.holds(k) and len(block) > most)
    return frozenset(links), crowded


def _own_links(record: dict[str, Any], here: Partition) -> Iterable[tuple[Any, ...]]:
    if _is_court(record) and record["relations"] and here.is_home(record["record_key"]):
        for matter in record["normalised"]["matters"]:
            yield _link(record, matter["local_id"], record)


def _is_court(record: dict[str, Any]) -> bool:
    return bool(record["record_kind"] == "court_disposition")


def _link(reached: dict[str, Any], matter: str, court: dict[str, Any]) -> tuple[Any, ...]:
    people = [p["local_id"] for p in court["body"]["people"] if p["role"] == "defendant"]
    return (
        (reached["record_key"], matter, court["record_key"]),
        (reached["version"], court["version"]),
        (court["body"]["details"][1]["outcome"], tuple(people)),
    )
