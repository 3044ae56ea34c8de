"""Sends what is due: looks, notes what may be on its way, writes the audit, and only then sends.

Invariant: nothing leaves that was not decided under the policy in force at that moment, noted in
the ledger as possibly held, and entered in the audit, in this order. So a crash at any point
leads to the same message again, or to taking back what may have arrived, never to silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple, Protocol

from consumers.feeds.channels.interface import Channel, Outcome, Parcel, Result
from consumers.feeds.copies import attempted
from consumers.feeds.disclosure import answered, entry_of
from consumers.feeds.envelope import delivery
from consumers.feeds.ledger.due import Due
from consumers.feeds.ledger.held import Awaited
from consumers.feeds.ledger.ledger import Ledger
from consumers.feeds.ledger.register import Registered
from consumers.feeds.looking import Case, look
from consumers.feeds.retrying import wait_seconds
from consumers.feeds.subscription import State
from recordbus import logs
from recordbus.audit import AuditSink, Entry
from recordbus.clock import Clock
from recordbus.crashpoints import crashpoint
from recordbus.ids import IdSource
from recordbus.metrics import FEED_MESSAGES_TOTAL, FEED_PARCELS_TOTAL
from recordbus.policy import Policies

MOST_LOOKED_AT: Final = 500
"""So many records are looked at for a subscription before the next one has its turn."""
_HOUR_US: Final = 3_600_000_000
GONE: Final = "endpoint_gone"
_log = logs.logger(__name__)


class Executor(Protocol):
    """Runs one subscription's deliveries, apart from those of all others."""

    def submit(
        self, subscription_id: str, work: Callable[[], list[Outcome]]
    ) -> Future[list[Outcome]]:
        """Begin some work; work of one subscription never overlaps."""


@dataclass(slots=True)
class Load:
    """What goes to one subscriber at once: `most` parcels, each with its place and audit entry."""

    most: int
    parcels: list[Parcel] = field(default_factory=list)
    dues: list[Due] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)


class Sending(NamedTuple):
    """What one subscription was sent and has not answered."""

    channel: str
    load: Load
    answer: Future[list[Outcome]]


class Dispatcher:
    """Hands out what is due and takes in what became of it. Not for use by several threads."""

    def __init__(
        self, ledger: Ledger, policies: Callable[[], Policies],
        channels: Callable[[Registered], Channel], executor: Executor, audit: AuditSink,
        clock: Clock, ids: IdSource, *, source: str, schedule_scale: float = 1.0,
    ) -> None:  # fmt: skip
        """`channels` gives the channel of a subscription, `source` is the URI of this bus."""
        self._ledger, self._policies, self._channels = ledger, policies, channels
        self._executor, self._audit, self._clock, self._ids = executor, audit, clock, ids
        self._source, self._scale = source, schedule_scale
        self._sending: dict[str, Sending] = {}

    def collect(self) -> bool:
        """Take in what channels answered; True when there was anything."""
        done = {each: sent for each, sent in self._sending.items() if sent.answer.done()}
        for subscription_id, sent in done.items():
            outcomes = _outcomes(sent)
            with self._ledger.transaction():
                self._note(subscription_id, sent, outcomes)
            crashpoint("feeds.confirmed")
            del self._sending[subscription_id]
            self._audit.append_all(
                [
                    answered(entry, outcome, self._clock.now())
                    for entry, outcome in zip(sent.load.entries, outcomes, strict=True)
                ]
            )
        return bool(done)

    def hand_out(self) -> bool:
        """Begin sending to every subscriber that waits for nothing; True when any was due."""
        found = False
        for subscription_id, registered in self._ledger.register.all().items():
            if subscription_id not in self._sending:
                found |= self._send(subscription_id, registered)
        return found

    def _send(self, subscription_id: str, registered: Registered) -> bool:
        now_us = self._clock.epoch_ms() * 1000
        if registered.not_before_us > now_us or registered.standing.suspended_for == GONE:
            return False
        channel = self._channels(registered)
        case = Case(
            registered.subscription, registered.standing, registered.entities,
            self._policies(), self._clock.now(),
        )  # fmt: skip
        if case.state is State.WAITING:
            return False
        load = Load(1 if registered.attempts else channel.most_parcels)
        with self._ledger.transaction():
            listed = self._ledger.due.next(subscription_id, now_us, MOST_LOOKED_AT)
            self._fill(load, case, channel.kind, listed)
        crashpoint("feeds.attempted")
        if load.parcels:
            self._audit.append_all(load.entries)
            crashpoint("feeds.audited")
            answer = self._executor.submit(subscription_id, partial(channel.deliver, load.parcels))
            self._sending[subscription_id] = Sending(channel.kind, load, answer)
        return bool(listed)

    def _fill(self, load: Load, case: Case, channel: str, listed: Iterable[Due]) -> None:
        """Look at what is due until there is enough to send, and note it as possibly held."""
        subscription_id = case.subscription.subscription_id
        for due in listed:
            presence = self._ledger.said.presence(due.record_key)
            copies = self._ledger.held.copies(subscription_id, due.record_key)
            found = look(case, presence, copies)
            if not found:
                self._ledger.due.done(subscription_id, due)
                continue
            news = {message.subject: attempted(message) for message in found}
            self._ledger.held.put(subscription_id, due.record_key, news)
            deliveries = tuple(delivery(case.subscription, self._source, each) for each in found)
            load.parcels.append(Parcel(subscription_id, due.record_key, deliveries))
            load.dues.append(due)
            load.entries.append(entry_of(self._ids.next(), case, channel, presence, deliveries))
            if len(load.parcels) >= load.most:
                return

    def _note(self, subscription_id: str, sent: Sending, outcomes: Sequence[Outcome]) -> None:
        worst: Outcome | None = None
        for parcel, due, outcome in zip(sent.load.parcels, sent.load.dues, outcomes, strict=True):
            _count(sent.channel, parcel, outcome)
            if outcome.result is Result.DELIVERED:
                self._delivered(parcel, due)
            elif outcome.result is Result.REFUSED:
                wait = wait_seconds(due.attempts + 1, outcome.wait_seconds, scale=self._scale)
                self._ledger.due.later(subscription_id, parcel.record_key, self._after(wait))
            else:
                worst = outcome
        self._stand(subscription_id, worst)

    def _delivered(self, parcel: Parcel, due: Due) -> None:
        for each in parcel.deliveries:
            self._ledger.held.confirm(
                parcel.subscription_id, parcel.record_key,
                each.message.subject, each.message.sequence,
            )  # fmt: skip
        self._await_receipts(parcel)
        self._ledger.due.done(parcel.subscription_id, due)
        self._ledger.said.forget(parcel.record_key)

    def _await_receipts(self, parcel: Parcel) -> None:
        subscription = self._ledger.register.all()[parcel.subscription_id].subscription
        now_us = self._clock.epoch_ms() * 1000
        due_us = now_us + subscription.receipt_hours * _HOUR_US
        awaited = (
            Awaited(each.delivery_id, each.message.subject, each.message.sequence, now_us, due_us)
            for each in parcel.deliveries
            if each.message.needs_receipt
        )
        self._ledger.held.await_receipts(parcel.subscription_id, awaited)

    def _stand(self, subscription_id: str, worst: Outcome | None) -> None:
        registered = self._ledger.register.all()[subscription_id]
        if worst is None:
            if registered.attempts:
                self._ledger.register.pause(subscription_id, 0, 0)
            return
        _log.warning(
            "a subscriber was not reached", subscription=subscription_id, reason=worst.code
        )
        failures = registered.attempts + 1
        wait = wait_seconds(failures, worst.wait_seconds, scale=self._scale)
        self._ledger.register.pause(subscription_id, failures, self._after(wait))
        if worst.result is Result.GONE:
            standing = registered.standing.model_copy(update={"suspended_for": GONE})
            self._ledger.register.stand(subscription_id, standing)

    def _after(self, seconds: float) -> int:
        return self._clock.epoch_ms() * 1000 + int(seconds * 1_000_000)


def _outcomes(sent: Sending) -> list[Outcome]:
    """Give a channel's outcomes; one that broke its promise counts as a subscriber that is away."""
    error = sent.answer.exception()
    if error is None:
        return sent.answer.result()
    _log.error("a channel failed", error=type(error).__name__)
    return [Outcome(Result.LATER, "channel_failed")] * len(sent.load.parcels)


def _count(channel: str, parcel: Parcel, outcome: Outcome) -> None:
    FEED_PARCELS_TOTAL.labels(channel=channel, result=outcome.result.value).inc()
    if outcome.result is Result.DELIVERED:
        for each in parcel.deliveries:
            FEED_MESSAGES_TOTAL.labels(channel=channel, status=each.message.status).inc()
