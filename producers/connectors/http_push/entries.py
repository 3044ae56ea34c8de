"""What the audit is told of a request: who brought how many records, under opaque keys.

A removal that seals or expunges is an erasure and has an entry of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from producers.connectors.http_push.items import Item, Live, Refusal, Removal
from producers.publisher import Owner
from recordbus.audit import Entry, Operation, Outcome, keyed
from recordbus.clock import Clock

if TYPE_CHECKING:
    from producers.connectors.http_push.gateway import Push

COMMAND: Final = "gateway.records"
_ERASING: Final = frozenset({"sealed", "expunged"})


def collection_entries(
    push: Push, clock: Clock, owner: Owner, items: Sequence[Item]
) -> Iterable[Entry]:
    """Give the entries that must be durable before the records are sent, at least one."""
    taken = [item for item in items if not isinstance(item, Refusal)]
    erasing = [i for i in taken if isinstance(i, Removal) and i.status in _ERASING]
    others = [i for i in taken if not (isinstance(i, Removal) and i.status in _ERASING)]
    refused = len(items) - len(taken)
    if others:
        yield _entry(push, clock, owner, Operation.COLLECTION, others, refused=refused)
    if erasing:
        yield _entry(push, clock, owner, Operation.ERASURE, erasing, refused=refused)


def rejection_entry(
    push: Push, clock: Clock, owner: Owner, items: Sequence[Live | Removal]
) -> Entry:
    """Give the entry of records that were refused after all; it follows the one of the request."""
    entry = _entry(push, clock, owner, Operation.COLLECTION, items, refused=len(items))
    return replace(entry, outcome=Outcome.REJECTED, reasons=("invalid_record",))


def refusal_entry(push: Push, clock: Clock, reason: str) -> Entry:
    """Give the entry of a caller that was not let in by policy."""
    return Entry(
        entry_id=push.request_id,
        at=clock.now(),
        operation=Operation.COLLECTION,
        command=COMMAND,
        outcome=Outcome.REFUSED,
        requester=push.caller.subject,
        origin=push.origin,
        reasons=(reason,),
    )


def failure_entry(push: Push, clock: Clock) -> Entry:
    """Give the entry that follows when Kafka did not take what an earlier entry tells of."""
    return Entry(
        entry_id=push.request_id,
        at=clock.now(),
        operation=Operation.COLLECTION,
        command=COMMAND,
        outcome=Outcome.FAILED,
        requester=push.caller.subject,
        origin=push.origin,
        owners=(push.caller.department,),
    )


def _entry(
    push: Push,
    clock: Clock,
    owner: Owner,
    operation: Operation,
    items: Sequence[Live | Removal],
    *,
    refused: int,
) -> Entry:
    return Entry(
        entry_id=push.request_id,
        at=clock.now(),
        operation=operation,
        command=COMMAND,
        outcome=Outcome.ACCEPTED,
        requester=push.caller.subject,
        origin=push.origin,
        asked={"refused": refused, "token": push.caller.token_id},
        records=tuple(_key(owner, item) for item in items),
        owners=(owner.name,),
        total=len(items),
    )


def _key(owner: Owner, item: Live | Removal) -> str:
    if isinstance(item, Removal):
        return keyed(owner.record_key(item.record_kind, item.record_id), item.source_seq)
    kind, record_id = item.value["record_kind"], item.value["body"]["record_id"]
    return keyed(owner.record_key(kind, record_id), item.value["source_seq"])
