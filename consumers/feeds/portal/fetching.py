"""Hands out what is due to a subscriber that fetches, and takes its word for what it has.

Invariant: what is handed over was decided under the policy in force at that moment, noted as
possibly held and entered in the audit, in this order; it counts as held for certain once its cursor
comes back. Until then it is handed over again, as what it then is, or taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Final

from consumers.feeds.answers import Answered, Answers
from consumers.feeds.channels.interface import DELIVERED, Parcel
from consumers.feeds.copies import Copy, attempted
from consumers.feeds.difference import Message
from consumers.feeds.disclosure import entry_of
from consumers.feeds.envelope import Delivery, delivery
from consumers.feeds.ledger.due import NEW, Due
from consumers.feeds.ledger.fetched import Handed, Place, Waiting
from consumers.feeds.ledger.ledger import Ledger
from consumers.feeds.ledger.register import Registered
from consumers.feeds.looking import Case, look
from consumers.feeds.presence import Presence
from consumers.feeds.subscription import State
from recordbus.audit import AuditSink, Entry, Operation, Outcome
from recordbus.clock import Clock
from recordbus.crashpoints import crashpoint
from recordbus.ids import IdSource
from recordbus.metrics import FEED_CAPS_REACHED_TOTAL
from recordbus.policy import Policies
from recordbus.web.problems import Problem

POLL: Final = "poll"
MOST_LOOKED_AT: Final = 1000
"""So many records are looked at for one answer; where nothing comes of them, the next goes on."""
_MESSAGES: Final = "messages"
_NOWHERE: Final = -1
"""A place that no record has: what is acknowledged in part stays due."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one answer holds, and how much that is new a subscription may fetch in a day."""

    answer_bytes: int = 8 * 1024 * 1024
    messages_per_day: int = 50_000


@dataclass(slots=True)
class Answer:
    """What a subscriber is given: the envelopes in order, and the cursor that acknowledges them.

    `has_more` says that it may ask again at once, `held_back` that the rest waits for tomorrow.
    """

    cursor: str | None = None
    bodies: list[bytes] = field(default_factory=list)
    has_more: bool = False
    held_back: bool = False


@dataclass(slots=True)
class _Filling:
    """An answer while it is filled: what may still go into it, and what must be noted of it."""

    case: Case
    cursor: str
    room: int
    left: int
    size: int
    answer: Answer = field(default_factory=Answer)
    handed: list[Handed] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    copies: dict[str, dict[str, Copy]] = field(default_factory=dict)
    nothing: list[Due] = field(default_factory=list)
    new: int = 0

    @property
    def is_full(self) -> bool:
        """Whether nothing more goes into it."""
        return self.room <= 0 or self.size <= 0


class Fetching:
    """Serves subscriptions of the channel `poll`. Not for use by several threads."""

    def __init__(
        self, ledger: Ledger, policies: Callable[[], Policies], audit: AuditSink, clock: Clock,
        ids: IdSource, *, source: str, bounds: Bounds,
    ) -> None:  # fmt: skip
        """`source` is the URI of this bus."""
        self._ledger, self._policies, self._audit = ledger, policies, audit
        self._clock, self._ids, self._source, self._bounds = clock, ids, source, bounds
        self._answers = Answers(ledger, clock, 1.0)

    def fetch(self, subscription_id: str, cursor: str | None, limit: int) -> Answer:
        """Acknowledge what came before a cursor, and give at most so many messages after it.

        The same cursor may be sent again: then what it got is given anew. Raises Problem
        `cursor_unknown` for one that is neither the last that was given nor the last that was
        acknowledged, and Retryable when the ledger or the audit is away; then nothing may leave.
        """
        with self._ledger.transaction():
            registered = self._ledger.register.all()[subscription_id]
            entries = self._acknowledge(registered, cursor)
            filling = self._filled(registered, limit)
        crashpoint("portal.noted")
        entries += filling.entries
        if entries:
            self._audit.append_all(entries)
        crashpoint("portal.audited")
        return filling.answer

    def _acknowledge(self, registered: Registered, cursor: str | None) -> list[Entry]:
        """Take in that what was handed over has arrived; give what the audit is to know of it."""
        subscription_id = registered.subscription.subscription_id
        place = self._ledger.fetched.place(subscription_id)
        if cursor is None or cursor == place.acknowledged:
            return []
        if cursor != place.current:
            raise Problem("cursor_unknown")
        handed = self._ledger.fetched.handed(subscription_id)
        self._answers.note(
            registered, POLL, [_taken(subscription_id, each) for each in _of(handed)]
        )
        self._ledger.fetched.hand(subscription_id, ())
        self._ledger.fetched.put(subscription_id, Place(cursor))
        return [self._arrived(registered, cursor, handed)]

    def _filled(self, registered: Registered, limit: int) -> _Filling:
        subscription_id = registered.subscription.subscription_id
        now_us = self._now_us()
        used = self._ledger.fetched.used(subscription_id, _MESSAGES, now_us)
        filling = _Filling(
            self._case(registered), self._ids.next(), limit,
            self._bounds.messages_per_day - used, self._bounds.answer_bytes,
        )  # fmt: skip
        if filling.case.state is not State.WAITING:
            listed = self._ledger.fetched.next(subscription_id, now_us, MOST_LOOKED_AT)
            self._fill(filling, listed)
            self._note(filling, now_us)
        return filling

    def _fill(self, filling: _Filling, listed: Sequence[Waiting]) -> None:
        """Look at what is due until the answer is full."""
        held = self._ledger.held.copies(
            filling.case.subscription.subscription_id, [each.record_key for each in listed]
        )
        for waiting in listed:
            if filling.is_full:
                filling.answer.has_more = True
                return
            if waiting.urgency == NEW and filling.left <= 0:
                filling.answer.held_back = True
                FEED_CAPS_REACHED_TOTAL.labels(cap=_MESSAGES).inc()
                return
            self._put(filling, waiting, held.get(waiting.record_key, {}))
        filling.answer.has_more |= len(listed) >= MOST_LOOKED_AT

    def _put(self, filling: _Filling, waiting: Waiting, copies: dict[str, Copy]) -> None:
        """Put what must be told of a record now into the answer, as far as there is room."""
        presence = self._ledger.said.presence(waiting.record_key)
        found = look(filling.case, presence, copies)
        if not found:
            filling.nothing.append(Due(waiting.record_key, waiting.place, 0))
            return
        subscription = filling.case.subscription
        taken = [delivery(subscription, self._source, each) for each in found[: filling.room]]
        is_whole = len(taken) == len(found)
        filling.answer.has_more |= not is_whole
        filling.entries.append(self._leaving(filling, presence, taken))
        for each in taken:
            _add(filling, waiting, each, is_whole=is_whole)
        news = {each.message.subject: attempted(each.message) for each in taken}
        filling.copies[waiting.record_key] = news
        new = sum(each.message.subject not in copies for each in taken)
        filling.new, filling.left = filling.new + new, filling.left - new

    def _note(self, filling: _Filling, now_us: int) -> None:
        """Note what is about to leave as possibly held, under its cursor."""
        subscription_id = filling.case.subscription.subscription_id
        fetched = self._ledger.fetched
        self._ledger.due.done(subscription_id, filling.nothing)
        self._ledger.held.put(subscription_id, filling.copies)
        fetched.attempted(subscription_id, filling.copies)
        place = fetched.place(subscription_id)
        current = filling.cursor if filling.handed else None
        if current != place.current:  # whoever asks often in vain writes nothing
            fetched.hand(subscription_id, filling.handed)
            fetched.put(subscription_id, place._replace(current=current))
        if filling.new:
            fetched.use(subscription_id, _MESSAGES, now_us, filling.new)
        filling.answer.cursor = current or place.acknowledged

    def _case(self, registered: Registered) -> Case:
        return Case(
            registered.subscription, registered.standing, registered.entities,
            self._policies(), self._clock.now(),
        )  # fmt: skip

    def _leaving(self, filling: _Filling, presence: Presence, taken: Sequence[Delivery]) -> Entry:
        entry = entry_of(self._ids.next(), filling.case, POLL, presence, taken)
        return replace(entry, asked={**entry.asked, "cursor": filling.cursor})

    def _arrived(self, registered: Registered, cursor: str, handed: Sequence[Handed]) -> Entry:
        """Give the entry that says that an answer arrived; its records are in those before it."""
        subscription = registered.subscription
        return Entry(
            entry_id=self._ids.next(), at=self._clock.now(), operation=Operation.DISCLOSURE,
            command=f"feed.{POLL}", outcome=Outcome.SENT, requester=subscription.requester,
            on_behalf_of=subscription.on_behalf_of, agency_ori=subscription.agency_ori,
            purpose=subscription.purpose, case_number=subscription.case_number,
            asked={"subscription": subscription.subscription_id, "cursor": cursor},
            total=len(handed),
        )  # fmt: skip

    def _now_us(self) -> int:
        return self._clock.epoch_ms() * 1000


def waited_too_long(place: Place, receipt_hours: int, at: datetime) -> bool:
    """Tell whether a subscriber lets corrections wait for longer than a receipt may take."""
    if place.waits_since_us is None:
        return False
    return int(at.timestamp() * 1_000_000) - place.waits_since_us >= receipt_hours * 3_600_000_000


def _add(filling: _Filling, waiting: Waiting, each: Delivery, *, is_whole: bool) -> None:
    message = each.message
    filling.answer.bodies.append(each.body)
    filling.room -= 1
    filling.size -= len(each.body)
    filling.handed.append(
        Handed(
            waiting.record_key, each.delivery_id, message.subject, message.sequence,
            message.status, message.needs_receipt, waiting.place if is_whole else None,
        )
    )  # fmt: skip


def _of(handed: Sequence[Handed]) -> list[list[Handed]]:
    """Give the messages of each record."""
    return [list(found) for _, found in groupby(handed, key=lambda each: each.record_key)]


def _taken(subscription_id: str, handed: Sequence[Handed]) -> Answered:
    """Give what was handed over of one record as a delivery that arrived; content is not asked."""
    first = handed[0]
    place = _NOWHERE if first.place is None else first.place
    deliveries = tuple(Delivery(each.delivery_id, _message(each), b"") for each in handed)
    parcel = Parcel(subscription_id, first.record_key, deliveries)
    return Answered(parcel, Due(first.record_key, place, 0), DELIVERED)


def _message(handed: Handed) -> Message:
    return Message(handed.subject, handed.sequence, handed.status, None, handed.needs_receipt, None)  # type: ignore[arg-type]  # as it was told
