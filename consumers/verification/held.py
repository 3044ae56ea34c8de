"""Finds what a subscription holds and may therefore ask about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from consumers.feeds.ledger.ledger import Ledger
from consumers.feeds.view import ASSOCIATION, RECORD, subject_of
from consumers.verification.asking import Subject
from recordbus.errors import Refused, Rejected

_KEY: Final = re.compile(r"[0-9a-f]{64}")


def held_subjects(ledger: Ledger, subscription_id: str, written: str) -> list[Subject]:
    """Give the subject that is written, or all records held that name an entity.

    Raises Refused when the subscription holds nothing of the kind: whether there is such a thing
    is told to nobody who does not hold it.
    """
    found = [
        each
        for each in _meant(ledger, written)
        if _is_held(ledger, subscription_id, each.record_key, each.name)
    ]
    if not found:
        raise Refused(
            "not_held",
            f"{subscription_id} holds nothing of {written}",
            hint="write record/<key>, association/<id> or an entity's id, as it was delivered",
        )
    return found


def record_subject(written: str) -> Subject:
    """Give the record that is written, by its key or as a subject; raises Rejected."""
    key = written.removeprefix(f"{RECORD}/")
    if not _KEY.fullmatch(key):
        raise Rejected("nothing_to_verify", "it is no key of a record: 64 hex digits")
    return Subject(key, subject_of(RECORD, key))


def _meant(ledger: Ledger, written: str) -> Iterator[Subject]:
    kind, between, key = written.partition("/")
    if not between:
        for record_key in ledger.said.naming([written]):
            yield Subject(record_key, subject_of(RECORD, record_key))
    elif kind == RECORD:
        yield Subject(key, written)
    elif kind == ASSOCIATION:
        for record_key in ledger.said.records_of(key):
            yield Subject(record_key, written)


def _is_held(ledger: Ledger, subscription_id: str, record_key: str, subject: str) -> bool:
    copies = ledger.held.copies(subscription_id, [record_key]).get(record_key, {})
    copy = copies.get(subject)
    return copy is not None and copy.held.is_there
