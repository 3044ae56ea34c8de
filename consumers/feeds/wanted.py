"""What a subscription should hold of one record at one moment (pure).

This and `difference` are all that feeds decide by: whatever happens - a correction, a merge, a
dispute, an agreement that is tightened or ends - what should be held is computed anew, and what
differs from what is held is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

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
Content = dict[str, Any] | None


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

    Where an agreement names sealed records, a purpose that it names is pointed to them (R-25):
    `is_held` tells whether anything of this one is held; who holds nothing is not pointed to it
    for what it said, since that is sealed. A record is asked for by its bases when an association
    is asked for that the subscriber may see, and not otherwise.
    """
    record = presence.record
    if record is None:
        return NOTHING
    if not presence.is_live:
        is_meant = is_held or not _asks_for_content(entitled.selector)
        return dict(_pointer_to_sealed(entitled, presence, record)) if is_meant else NOTHING
    decision = _decided(entitled, presence, record)
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
        yield from _record_view(presence, record, decision)


def _decided(entitled: Entitled, presence: Presence, record: Record) -> Decision:
    items = presence.once("items", partial(items_of_record, record))
    return entitled.decider.decide_all(items, entitled.at)


def _record_view(
    presence: Presence, record: Record, decision: Decision
) -> Iterator[tuple[str, View]]:
    subject = subject_of(RECORD, record["record_key"])
    view = _shown(presence, subject, decision, partial(apply_to_record, decision, record))
    if view is not None:
        yield subject, view


def _shown(
    presence: Presence, subject: str, decision: Decision, given: Callable[[], Content]
) -> View | None:
    """Give the view of what a decision leaves: of its level and its masks, whoever asks."""
    level, masked = decision.level, decision.masked

    def view() -> View | None:
        content = given()
        if content is None:
            return None
        return view_of(subject, level, masked, content, presence.verification(subject))

    return presence.once((subject, level, masked), view)


def _asks_for_content(selector: Selector) -> bool:
    """Tell whether anything is asked for but departments and record kinds."""
    return bool(
        selector.asks_for_entities or selector.bases or selector.offences or selector.cities
        or selector.postal_codes
    )  # fmt: skip


def _pointer_to_sealed(
    entitled: Entitled, presence: Presence, record: Record
) -> Iterator[tuple[str, View]]:
    if record["status"] == _SEALED and entitled.selector.may_take(
        record["department"], record["record_kind"]
    ):
        decision = _decided(entitled, presence, record)
        if decision.level == "pointer":
            yield from _record_view(presence, record, decision)


def _associations(entitled: Entitled, presence: Presence) -> Iterator[tuple[str, View]]:
    for association_id, update in presence.standing().items():
        view = _association(entitled, presence, association_id, update)
        if view is not None:
            yield view.subject, view


def _association(
    entitled: Entitled, presence: Presence, association_id: str, update: AssociationUpdate
) -> View | None:
    said = update["association"]
    item = presence.once(("item", association_id), partial(item_of_association, update))
    if said is None or item is None:
        return None
    decision = entitled.decider.decide(item, entitled.at)
    usable = partial(_is_usable, decision)
    if not decision.shows or not entitled.selector.takes_association(
        said, entitled.entities, usable
    ):
        return None
    subject = subject_of(ASSOCIATION, association_id)
    return _shown(presence, subject, decision, partial(apply_to_association, decision, update))


def _is_usable(decision: Decision, path: str) -> bool:
    return path in usable_fields(decision, (path,))
