"""What holds of each relation of a record now: asserted, frozen, or not, and why (pure).

Invariant: the answer depends on the matched pair and the time alone. Precedence: expired, then
disposed of by a court, then between one entity and itself, then disputed, then asserted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import Final, NamedTuple

from recordbus.normalize.ages import ADULT_AT
from schemas.rules import basis_table, clock_ends, relation_types
from streams.associate.clocks import expires_at
from streams.associate.publish import Contents
from streams.associate.sides import (
    Dispute,
    Identities,
    Known,
    Mention,
    Reaching,
    Relation,
    Relations,
)
from streams.associate.support import entity_of

MATTER: Final = "@"
DISPOSITION: Final = "disposition"
FROZEN: Final = "dispute"
_in_order: Final = attrgetter("record_key", "local_id", "matter_local_id")

_make = tuple.__new__  # a NamedTuple's own constructor takes three times as long


class Standing(NamedTuple):
    """One relation now. `reason` is None when it is asserted; else it has a content only if frozen.

    `expires_at` is in microseconds since 1970; `sensitive` marks a designation (R-13).
    """

    association_id: str
    reason: str | None
    content: bytes
    expires_at: int | None
    sensitive: bool


class View(NamedTuple):
    """A matched pair, read: the record, what courts said, and its mentions by local id."""

    record: Relations
    dispositions: Sequence[Reaching]
    entities: Mapping[str, Known]


def view_of(record: Relations, identities: Identities) -> View:
    """Put together the entities that follow from identifiers, and those that were resolved."""
    kinds = {mention.local_id: mention.kind for mention in record.mentions}
    found = {each.local_id: each.entity_id for each in record.mentions if each.entity_id}
    verdicts = {}
    for local_id, entity_id, rests_on in identities.mentions:
        if local_id in kinds:
            found[local_id] = entity_id
            verdicts[local_id] = tuple(rests_on)
    entities = {
        local_id: _make(Known, (kind, entity_of(local_id, found), verdicts.get(local_id, ())))
        for local_id, kind in kinds.items()
    }
    return View(record, identities.dispositions, entities)


def standings(
    view: View, relations: Sequence[Relation], contents: Contents, now: int
) -> list[Standing]:
    """Give what holds of relations of a record whose sides are of one version.

    With a derived relation there must be those that it was derived from.
    """
    court = _View(view)
    found = {each.relation_id: court.found(each, now) for each in relations}
    for relation in relations:
        if relation.derived_inputs:
            inputs = [found[each] for each in relation.derived_inputs]
            own = found[relation.relation_id]
            found[relation.relation_id] = _no_longer_than(own, inputs, now)
    return [each.standing(contents) for each in found.values()]


class _Found(NamedTuple):
    """What was found of one relation, before it is put into bytes."""

    relation: Relation
    reason: str | None
    expires_at: int | None
    juvenile: bool
    disputes: Sequence[Dispute]
    reached: Sequence[Reaching]

    def standing(self, contents: Contents) -> Standing:
        relation, reason, end, juvenile, disputes, reached = self
        content = b""
        if reason is None or reason == FROZEN:
            content = contents.of(relation, end, juvenile, disputes, reached)
        sensitive = not relation_types()[relation.type].enabled
        return _make(Standing, (relation.relation_id, reason, content, end, sensitive))


def _no_longer_than(own: _Found, inputs: Iterable[_Found], now: int) -> _Found:
    """Let a derived relation end with the first of its inputs, and stand only on what stands."""
    ends = [each.expires_at for each in (own, *inputs) if each.expires_at is not None]
    end = min(ends, default=None)
    fallen = [each.reason for each in inputs if each.reason is not None]
    is_over = end is not None and end <= now
    reason = "expired" if is_over else own.reason or min(fallen, default=None)
    return own._replace(expires_at=end, reason=reason)


class _View:
    """One matched pair, looked at relation by relation."""

    def __init__(self, view: View) -> None:
        self._record, self._dispositions, self._entities = view
        self._minors = {m.local_id for m in view.record.mentions if _may_be_minor(m)}
        self._matters = {m.local_id for m in view.record.mentions if m.kind == "matter"}

    def found(self, relation: Relation, now: int) -> _Found:
        """Say what holds of one relation."""
        juvenile = self._is_juvenile(relation)
        end = expires_at(relation, self._record, juvenile=juvenile)
        stated = self._record.disputes
        disputes = [d for d in stated if _concerns(d, relation)] if stated else stated
        reached = self._reaching(relation) if self._dispositions else ()
        reason = None
        if end is not None and end <= now:
            reason = "expired"
        elif reached and self._is_disposed_of(relation, reached):
            reason = DISPOSITION
        elif self._is_one_entity(relation):
            reason = "merged"
        elif disputes and any(dispute.resolved_at is None for dispute in disputes):
            reason = FROZEN
        return _make(_Found, (relation, reason, end, juvenile, disputes, reached))

    def _is_juvenile(self, relation: Relation) -> bool:
        """Say whether one of its people may have been under age at the event (R-16)."""
        return relation.from_local_id in self._minors or relation.to_local_id in self._minors

    def _is_one_entity(self, relation: Relation) -> bool:
        entities = self._entities
        start, end = entities[relation.from_local_id], entities[relation.to_local_id]
        return start.entity_id == end.entity_id

    def _reaching(self, relation: Relation) -> list[Reaching]:
        """Give what courts said of its people, where its basis waits for a court (R-26)."""
        if basis_table()[relation.basis].clock.until != DISPOSITION:
            return []
        ends = (relation.from_local_id, relation.to_local_id)
        reached = [d for d in self._dispositions if d.local_id in ends]
        return sorted(
            (d for d in reached if _is_of_its_case(d.matter_local_id, ends)), key=_in_order
        )

    def _is_disposed_of(self, relation: Relation, reached: Sequence[Reaching]) -> bool:
        """Say whether a court ended the case that a relation is about, for one of its people.

        What leads to no case of its own falls once every case of that type is disposed of: an
        arrest on two dockets stands as long as one of them is open.
        """
        ends = (relation.from_local_id, relation.to_local_id)
        final = [d for d in reached if d.outcome in final_outcomes()]
        for person in {d.local_id for d in final}:
            disposed = {d.matter_local_id for d in final if d.local_id == person}
            for matter in disposed:
                type_ = matter_type(matter)
                siblings = {each for each in self._matters if matter_type(each) == type_}
                if matter in ends or siblings <= disposed:
                    return True
        return False


def _may_be_minor(mention: Mention) -> bool:
    age = mention.least_age_years
    return age is not None and age < ADULT_AT


@cache
def final_outcomes() -> frozenset[str]:
    """Give the outcomes of a case that end arrest and charge associations (R-26)."""
    told = clock_ends()[DISPOSITION].read_from["court_disposition"]
    return frozenset(told["ended_when"])


def matter_type(local_id: str) -> str:
    """Give the type of a matter by its local id: `case` for `@case:1`, empty for no matter."""
    return local_id[1:].partition(":")[0] if local_id.startswith(MATTER) else ""


def _is_of_its_case(matter: str, ends: tuple[str, str]) -> bool:
    """Say whether a decision about a matter is about a relation that may lead to another one."""
    return all(
        end == matter or matter_type(end) != matter_type(matter) or not matter_type(end)
        for end in ends
    )


def _concerns(dispute: Dispute, relation: Relation) -> bool:
    """Say whether a dispute is about a relation, one of its mentions or the whole record (R-19)."""
    local_id, relation_id = dispute.about_local_id, dispute.about_relation_id
    if local_id is None and relation_id is None:
        return True
    ends = (relation.from_local_id, relation.to_local_id)
    return local_id in ends or relation_id == relation.relation_id
