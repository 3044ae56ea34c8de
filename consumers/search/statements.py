"""What is read of the graph: what each record says of an entity, and its ties to others (pure)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from consumers.sink import Place


class RecordLine(NamedTuple):
    """The record that something rests on. Of a restricted one only the owner is told (R-31)."""

    record_key: str
    record_kind: str
    number: str | None
    department: str
    owner_ori: str
    occurred_us: int
    version: int
    contact: Mapping[str, str]
    is_restricted: bool
    is_disputed: bool


class Statement(NamedTuple):
    """What one record says of an entity. `record` is None until the index has it.

    `shown` is what the record says of this mention, never with an attribute that R-12 gates.
    """

    mention_id: str
    kind: str
    verdicts: tuple[str, ...]
    record: RecordLine | None
    shown: Mapping[str, Any]

    @property
    def caption(self) -> str:
        """Give how the record names the entity."""
        return str(self.shown.get("caption") or "(not named)")


@dataclass(frozen=True, slots=True)
class StoredTie:
    """A tie as the index holds it; `told` is what associate said, see `consumers.search.ties`.

    `number` is the number of the record that it rests on, None until the index has that record.
    """

    association_id: str
    record_key: str
    from_entity: str
    to_entity: str
    told: Mapping[str, Any]
    number: str | None

    def other_end(self, entity: str) -> str:
        """Give the entity that this leads to."""
        return self.to_entity if entity == self.from_entity else self.from_entity

    def kind_of(self, entity: str) -> str:
        """Give what sort of thing one of the two ends is."""
        return str(self.told["from_kind" if entity == self.from_entity else "to_kind"])


class Graph(Protocol):
    """Reads entities and ties. Order is always the same for the same content."""

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

    def default_values(self) -> frozenset[str]:
        """Give the values that very many share."""

    def judgement(self, pair: str) -> Mapping[str, Any] | None:
        """Give what was decided of two mentions, `a~b` with a < b."""

    def place_of(self, record_key: str) -> Place | None:
        """Give where in `records.v1` the message of a record is."""
