"""Sends what is due: looks, notes what may be on its way, writes the audit, and only then sends.

Invariant: nothing leaves that was not decided under the policy in force at that moment, noted in
the ledger as possibly held, and entered in the audit, in this order. So a crash at any point
leads to the same message again, or to taking back what may have arrived, never to silence.

A round is one transaction and one append for all subscribers together: each waits for a disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple, Protocol

from consumers.feeds.answers import GONE, Answered, Answers
from consumers.feeds.channels.interface import Channel, Outcome, Parcel, Result
from consumers.feeds.copies import Copy, attempted
from consumers.feeds.disclosure import answered, entry_of
from consumers.feeds.envelope import delivery
from consumers.feeds.faults import CHANNEL_FAILED, UNUSABLE, Usable
from consumers.feeds.ledger.due import Due
from consumers.feeds.ledger.ledger import Ledger
from consumers.feeds.ledger.register import Registered
from consumers.feeds.looking import Case, look
from consumers.feeds.subscription import State
from recordbus import logs
from recordbus.audit import AuditSink, Entry
from recordbus.clock import Clock
from recordbus.crashpoints import crashpoint
from recordbus.ids import IdSource
from recordbus.policy import Policies

MOST_LOOKED_AT: Final = 500
"""So many records are looked at for a subscription before the next one has its turn."""
MOST_AT_ONCE: Final = 1000
"""So many parcels leave together at most, so that a round is over in a fraction of a second."""
_PAGE: Final = 64
"""So many records are looked at even where only a few parcels may go: most may be nothing new."""
_NOTHING_SENT: Final = frozenset({GONE, UNUSABLE})
"""Why a subscription is sent nothing at all, not even what must go, until it is resumed."""
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

    channel: Channel
    most: int
    parcels: list[Parcel] = field(default_factory=list)
    dues: list[Due] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)


class Sending(NamedTuple):
    """What one subscription was sent and has not answered."""

    load: Load
    answer: Future[list[Outcome]]


class Dispatcher:
    """Hands out what is due and takes in what became of it. Not for use by several threads."""

    def __init__(
        self, ledger: Ledger, policies: Callable[[], Policies],
        channels: Callable[[Registered], Channel], executor: Executor, audit: AuditSink,
        clock: Clock, ids: IdSource, *, source: str, schedule_scale: float = 1.0,
    ) -> None:  # fmt: skip
        """`source` is the URI of this bus.

        `channels` gives the channel of a subscription; where it raises Misconfigured, that one
        subscription is suspended.
        """
        self._ledger, self._policies = ledger, policies
        self._channels = Usable(ledger, channels)
        self._executor, self._audit, self._clock, self._ids = executor, audit, clock, ids
        self._source = source
        self._answers = Answers(ledger, clock, schedule_scale)
        self._sending: dict[str, Sending] = {}
        self._served_last = ""

    def collect(self) -> bool:
        """Take in what channels answered; True when there was anything."""
        done = {each: sent for each, sent in self._sending.items() if sent.answer.done()}
        if not done:
            return False
        outcomes = {subscription_id: _outcomes(sent) for subscription_id, sent in done.items()}
        with self._ledger.transaction():
            registered = self._ledger.register.all()
            for subscription_id, (load, _) in done.items():
                if subscription_id not in registered:
                    continue  # it cannot be read any more: all of it stays as possibly held
                came = zip(load.parcels, load.dues, outcomes[subscription_id], strict=True)
                news = [Answered(*each) for each in came]
                self._answers.note(registered[subscription_id], load.channel.kind, news)
        crashpoint("feeds.confirmed")
        for subscription_id in done:
            del self._sending[subscription_id]
        self._audit.append_all(
            [
                answered(entry, outcome, self._clock.now())
                for subscription_id, sent in done.items()
                for entry, outcome in zip(sent.load.entries, outcomes[subscription_id], strict=True)
            ]
        )
        return True

    def hand_out(self) -> bool:
        """Begin sending to subscribers that wait for nothing; True when any was due.

        Every round begins behind the last one that was served, so that nobody waits for long.
        """
        loads: dict[str, Load] = {}
        found, left = False, MOST_AT_ONCE
        with self._ledger.transaction():
            for subscription_id, registered in self._in_turn():
                load = self._load(registered)
                if load is None:
                    continue
                load.most = min(load.most, left)
                found |= self._fill(load, self._case(registered))
                if load.parcels:
                    loads[subscription_id] = load
                    self._served_last = subscription_id
                    left -= len(load.parcels)
                if not left:
                    break
        if loads:
            crashpoint("feeds.attempted")
            self._send(loads)
        return found

    def _in_turn(self) -> Iterator[tuple[str, Registered]]:
        known = self._ledger.register.all()
        for each in sorted(known, key=lambda name: (name <= self._served_last, name)):
            if each not in self._sending:
                yield each, known[each]

    def _load(self, registered: Registered) -> Load | None:
        """Give room for what one subscriber is sent; None while nothing may be sent to it."""
        now_us = self._clock.epoch_ms() * 1000
        is_off = registered.standing.suspended_for in _NOTHING_SENT
        if registered.not_before_us > now_us or is_off:
            return None
        channel = self._channels.of(registered)
        if channel is None or channel.most_parcels == 0:
            return None  # it cannot be sent anything, or its subscriber fetches
        return Load(channel, 1 if registered.attempts else channel.most_parcels)

    def _case(self, registered: Registered) -> Case:
        return Case(
            registered.subscription, registered.standing, registered.entities,
            self._policies(), self._clock.now(),
        )  # fmt: skip

    def _fill(self, load: Load, case: Case) -> bool:
        """Look at what is due until there is enough to send, and note it as possibly held.

        True when anything was looked at.
        """
        subscription_id = case.subscription.subscription_id
        if case.state is State.WAITING:
            return False
        now_us = self._clock.epoch_ms() * 1000
        limit = min(max(load.most, _PAGE), MOST_LOOKED_AT)
        listed = self._ledger.due.next(subscription_id, now_us, limit)
        held = self._ledger.held.copies(subscription_id, [due.record_key for due in listed])
        news: dict[str, dict[str, Copy]] = {}
        nothing: list[Due] = []
        for due in listed:
            copies = held.get(due.record_key, {})
            left = self._put(load, case, due, copies)
            if left:
                news[due.record_key] = left
            else:
                nothing.append(due)
            if len(load.parcels) >= load.most:
                break
        self._ledger.held.put(subscription_id, news)
        self._ledger.due.done(subscription_id, nothing)
        return bool(listed)

    def _put(self, load: Load, case: Case, due: Due, copies: dict[str, Copy]) -> dict[str, Copy]:
        """Put what must be told of a record now into a load; give the copies that it leaves."""
        presence = self._ledger.said.presence(due.record_key)
        found = look(case, presence, copies)
        if found:
            subscription = case.subscription
            deliveries = tuple(delivery(subscription, self._source, each) for each in found)
            load.parcels.append(Parcel(subscription.subscription_id, due.record_key, deliveries))
            load.dues.append(due)
            load.entries.append(
                entry_of(self._ids.next(), case, load.channel.kind, presence, deliveries)
            )
        return {message.subject: attempted(message) for message in found}

    def _send(self, loads: dict[str, Load]) -> None:
        """Enter what may leave, and only then let it go."""
        self._audit.append_all([entry for load in loads.values() for entry in load.entries])
        crashpoint("feeds.audited")
        for subscription_id, load in loads.items():
            work = partial(load.channel.deliver, load.parcels)
            answer = self._executor.submit(subscription_id, work)
            self._sending[subscription_id] = Sending(load, answer)


def _outcomes(sent: Sending) -> list[Outcome]:
    """Give a channel's outcomes; one that broke its promise counts as a subscriber that is away."""
    error = sent.answer.exception()
    if error is None:
        return sent.answer.result()
    _log.error("a channel failed", exc_info=error)
    return [Outcome(Result.LATER, CHANNEL_FAILED)] * len(sent.load.parcels)
