"""What the two sides of a record say, in the order of their schemas (pure).

A side is read as tuples, at a part of what dictionaries cost: the names here are those of the
fields, in the same order, which a test holds against the schemas.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

_make = tuple.__new__  # a NamedTuple's own constructor takes three times as long


class Relation(NamedTuple):
    """A tie between two mentions of a record, as the record states it."""

    relation_id: str
    type: str
    from_local_id: str
    to_local_id: str
    basis: str
    contact_basis: str | None
    evidence_kind: str
    grade: tuple[str, str, str] | None
    from_category: str | None
    to_category: str | None
    first_date: str
    last_date: str | None
    derived_inputs: list[str]


class Mention(NamedTuple):
    """A mention; `entity_id` is None when it is resolved."""

    local_id: str
    kind: str
    entity_id: str | None
    least_age_years: int | None


class Dispute(NamedTuple):
    """A dispute about a record, one of its mentions or one of its relations."""

    dispute_id: str
    by: str
    raised_at: datetime
    resolved_at: datetime | None
    about_local_id: str | None
    about_relation_id: str | None


class End(NamedTuple):
    """What a record tells of an end that clocks run to."""

    name: str
    has_ended: bool
    ends_at: datetime | None


class Relations(NamedTuple):
    """The side of intake: what a live record says about its mentions."""

    record_key: str
    record_kind: str
    department: str
    owner_ori: str
    version: int
    content_hash: str
    published_at: datetime
    recorded_at: datetime
    first_recorded_on: str
    dissemination_level: str
    contact: tuple[str, str | None, str | None]
    disputes: list[Dispute]
    reviewed_at: list[datetime]
    ends: list[End]
    mentions: list[Mention]
    relations: list[Relation]


class Resolved(NamedTuple):
    """A mention that was resolved; `verdicts` are sorted."""

    local_id: str
    entity_id: str
    verdicts: list[str]


class Reaching(NamedTuple):
    """A court's decision that reaches a person of the record."""

    local_id: str
    outcome: str
    record_key: str
    version: int
    matter_local_id: str


class Identities(NamedTuple):
    """The side of identify: who the mentions are, and what courts decided about them."""

    record_key: str
    version: int
    mentions: list[Resolved]
    dispositions: list[Reaching]


class Removed(NamedTuple):
    """A side that is taken back, and why."""

    record_key: str
    version: int
    reason: str


class Tick(NamedTuple):
    """The time."""

    at: datetime


class Known(NamedTuple):
    """The identity of a mention of a matched pair, as it is said."""

    kind: str
    entity_id: str
    verdicts: tuple[str, ...]


Said = Relations | Identities | Removed | Tick


def relations(fields: tuple[Any, ...]) -> Relations:
    """Give intake's side of a record of its fields."""
    *head, disputes, reviewed_at, ends, mentions, stated = fields
    parts = (
        [_make(Dispute, each) for each in disputes],
        reviewed_at,
        [_make(End, each) for each in ends],
        [_make(Mention, each) for each in mentions],
        [_make(Relation, each) for each in stated],
    )
    return _make(Relations, (*head, *parts))


def identities(fields: tuple[Any, ...]) -> Identities:
    """Give identify's side of a record of its fields."""
    record_key, version, mentions, dispositions = fields
    return Identities(
        record_key,
        version,
        [_make(Resolved, each) for each in mentions],
        [_make(Reaching, each) for each in dispositions],
    )


def removed(fields: tuple[Any, ...]) -> Removed:
    """Give a removal of its fields."""
    return Removed(*fields)


def tick(fields: tuple[Any, ...]) -> Tick:
    """Give the time of its fields."""
    return Tick(*fields)


SHAPES: Final[Mapping[str, Callable[[tuple[Any, ...]], Said]]] = {
    "RecordRelations": relations,
    "RecordIdentities": identities,
    "PartRemoved": removed,
    "Tick": tick,
}
"""How each branch of an entry is put together, by its short name."""
