"""What a subscription should hold of one record at one moment (pure).

This and `difference` are all that feeds decide by: whatever happens - a correction, a merge, a
dispute, an agreement that is tightened or ends - what should be held is computed anew, and what
differs from what is held is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from consumers.feeds.presence import Presence
from consumers.feeds.selector import Selector, Usable
from consumers.feeds.view import ASSOCIATION, RECORD, View, subject_of, view_of
from recordbus.policy import (
    Decider,
    Decision,
    apply_to_association,
    apply_to_record,
    item_of_association,
    items_of_record,
    usable_fields,
)
from schemas.types import AssociationUpdate, Record

NOTHING: Final[dict[str, View]] = {}
_SEALED: Final = "sealed"


@dataclass(frozen=True, slots=True)
class Entitled:
    """What is asked for, with whose agreement it is decided, at which moment.

    `entities` are those that the selector's entities and watched mentions come to now.
    """

    selector: Selector
    decider: Decider
    at: datetime
    entities: frozenset[str] = frozenset()


def wanted(entitled: Entitled, presence: Presence, *, is_held: bool) -> dict[str, View]:
    """Give the views that should be held of a record, by subject, the record's own first.

    `is_held` tells whether anything of it is held: only then a sealed record leaves a pointer,
    for to anybody else it must be as if there were none (R-25). A record is asked for by its
    bases when an association is asked for that the subscriber may see, and not otherwise.
    """
    record = presence.record
    if record is None:
        return NOTHING
    if not presence.is_live:
        return dict(_pointer_to_sealed(entitled, record)) if is_held else NOTHING
    decision = entitled.decider.decide_all(items_of_record(record), entitled.at)
    usable = partial(_is_usable, decision)
    if not entitled.selector.takes(record, usable):
        return NOTHING
    associations = dict(_associations(entitled, presence))
    if entitled.selector.bases and not associations:
        return NOTHING
    return {**dict(_record(entitled, presence, decision, usable)), **associations}


def _record(
    entitled: Entitled, presence: Presence, decision: Decision, usable: Usable
) -> Iterator[tuple[str, View]]:
    record = presence.record
    if record is None or not decision.shows:
        return
    if entitled.selector.takes_record(presence, entitled.entities, usable):
        yield from _record_view(record, decision)


def _record_view(record: Record, decision: Decision) -> Iterator[tuple[str, View]]:
    content = apply_to_record(decision, record)
    if content is not None:
        subject = subject_of(RECORD, record["record_key"])
        yield subject, view_of(subject, decision.level, decision.masked, content)


def _pointer_to_sealed(entitled: Entitled, record: Record) -> Iterator[tuple[str, View]]:
    if record["status"] == _SEALED and entitled.selector.may_take(
        record["department"], record["record_kind"]
    ):
        decision = entitled.decider.decide_all(items_of_record(record), entitled.at)
        if decision.level == "pointer":
            yield from _record_view(record, decision)


def _associations(entitled: Entitled, presence: Presence) -> Iterator[tuple[str, View]]:
    for association_id, update in presence.standing().items():
        view = _association(entitled, association_id, update)
        if view is not None:
            yield view.subject, view


def _association(entitled: Entitled, association_id: str, update: AssociationUpdate) -> View | None:
    said, item = update["association"], item_of_association(update)
    if said is None or item is None:
        return None
    decision = entitled.decider.decide(item, entitled.at)
    usable = partial(_is_usable, decision)
    if not decision.shows or not entitled.selector.takes_association(
        said, entitled.entities, usable
    ):
        return None
    content = apply_to_association(decision, update)
    if content is None:
        return None
    subject = subject_of(ASSOCIATION, association_id)
    return view_of(subject, decision.level, decision.masked, content)


def _is_usable(decision: Decision, path: str) -> bool:
    return path in usable_fields(decision, (path,))
