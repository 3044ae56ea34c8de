"""What is read of the graph: what each record says of an entity, and its ties to others (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from consumers.search.answers import Answered
from consumers.sink import Place
from recordbus.verification import UNVERIFIED, Standing


class Pointer(NamedTuple):
    """Whom to ask about records that are not shown, with one of them for the audit alone (R-31)."""

    department: str
    owner_ori: str
    contact: Mapping[str, str]
    record_key: str
    version: int
    items: str


class RecordLine(NamedTuple):
    """The record that something rests on; `rules` are those by which it may be seen.

    `standing` is what its owner answered about it (R-34).
    """

    record_key: str
    record_kind: str
    number: str | None
    department: str
    owner_ori: str
    occurred_us: int
    version: int
    contact: Mapping[str, str]
    is_disputed: bool
    rules: tuple[str, ...] = ()
    standing: Standing = UNVERIFIED


class Statement(NamedTuple):
    """What one record says of an entity.

    `shown` is what the record says of this mention, never with an attribute that R-12 gates nor one
    that a mask takes away. `verdicts` are ids of decisions about it and another mention.
    """

    mention_id: str
    kind: str
    verdicts: tuple[str, ...]
    record: RecordLine
    shown: Mapping[str, Any]

    @property
    def caption(self) -> str:
        """Give how the record names the entity."""
        return str(self.shown.get("caption") or "(not named)")


@dataclass(frozen=True, slots=True)
class StoredTie:
    """A tie as the index holds it; `told` is what associate said, see `consumers.search.ties`.

    `number` is the number of the record that it rests on, None where that record is not seen.
    """

    association_id: str
    record_key: str
    from_entity: str
    to_entity: str
    told: Mapping[str, Any]
    number: str | None
    rules: tuple[str, ...] = ()

    def other_end(self, entity: str) -> str:
        """Give the entity that this leads to."""
        return self.to_entity if entity == self.from_entity else self.from_entity

    def kind_of(self, entity: str) -> str:
        """Give what sort of thing one of the two ends is."""
        return str(self.told["from_kind" if entity == self.from_entity else "to_kind"])


class Graph(Protocol):
    """Reads what is seen of entities and ties. Order is always the same for the same content.

    An entity of which no record is seen is as if there were none.
    """

    def entities_like(self, start: str, limit: int) -> Sequence[str]:
        """Give the entities whose id begins so, sorted."""

    def mentions_like(self, start: str, local_id: str, limit: int) -> Sequence[str]:
        """Give the mention ids of this local id in records whose key begins so, sorted."""

    def entities_of(self, mention_ids: Collection[str]) -> Mapping[str, str]:
        """Give the entity of each mention; one that has none is left out."""

    def statements(self, entity: str, limit: int) -> Sequence[Statement]:
        """Give what records say of an entity, the newest event first."""

    def mentions_count(self, entity: str) -> int:
        """Give how many mentions an entity has."""

    def ties(self, entity: str, limit: int) -> Sequence[StoredTie]:
        """Give the ties of an entity by record and id; more than `limit` if there are more."""

    def pointers(self, entity: str) -> Sequence[Pointer]:
        """Give whom to ask about what is not shown of an entity, each owner once."""

    def default_values(self) -> frozenset[str]:
        """Give the values that very many share, whosever records these are."""

    def judgement(self, pair: str) -> Mapping[str, Any] | None:
        """Give what was decided of two mentions, `a~b` with a < b."""

    def answered(self, record_keys: Collection[str]) -> Mapping[str, Answered]:
        """Give what owners answered about records, by key; what has no answer is left out."""

    def place_of(self, record_key: str) -> Place | None:
        """Give where in `records.v1` the message of a record is."""


def pointer_of_tie(record_key: str, items: str, told: Mapping[str, Any]) -> Pointer:
    """Give whom to ask about a tie that is not shown."""
    source = told["source"]
    contact = {name: value for name, value in told["contact"].items() if value}
    return Pointer(
        source["department"], source["owner_ori"], contact, record_key, source["version"], items
    )


def each_owner_once(found: Iterable[Pointer]) -> tuple[Pointer, ...]:
    """Give one pointer an owner, the first there is, in the order of the owners' names.

    How many records there are, and of which sort, is more than a pointer tells.
    """
    owners: dict[tuple[str, str], Pointer] = {}
    for each in found:
        owners.setdefault((each.department, each.owner_ori), each)
    return tuple(owners[owner] for owner in sorted(owners))


def unmasked_tie(told: Mapping[str, Any], masked: frozenset[str]) -> dict[str, Any]:
    """Give what is told of a tie, without the hash of its record where anything is masked."""
    if not masked:
        return dict(told)
    source = {name: said for name, said in told["source"].items() if name != "content_hash"}
    return {**told, "source": source}
