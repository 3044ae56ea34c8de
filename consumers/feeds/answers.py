"""What an answer of a channel means for the ledger: taken in, tried again later, or gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from consumers.feeds.channels.interface import Outcome, Parcel, Result
from consumers.feeds.faults import tell_failure
from consumers.feeds.ledger.diary import Attempt
from consumers.feeds.ledger.due import Due
from consumers.feeds.ledger.held import Awaited
from consumers.feeds.ledger.ledger import Ledger
from consumers.feeds.ledger.register import Registered
from consumers.feeds.retrying import wait_seconds
from recordbus.clock import Clock
from recordbus.metrics import FEED_MESSAGES_TOTAL, FEED_PARCELS_TOTAL

GONE: Final = "endpoint_gone"
_HOUR_US: Final = 3_600_000_000


class Answered(NamedTuple):
    """One parcel with its place in the list of what is due, and what became of it."""

    parcel: Parcel
    due: Due
    outcome: Outcome


class Answers:
    """Notes in the ledger what became of deliveries, within its caller's transaction."""

    def __init__(self, ledger: Ledger, clock: Clock, schedule_scale: float) -> None:
        self._ledger, self._clock, self._scale = ledger, clock, schedule_scale

    def note(self, registered: Registered, channel: str, answered: Sequence[Answered]) -> None:
        """Note all answers of one subscription; each parcel is counted once."""
        subscription_id = registered.subscription.subscription_id
        taken = [each for each in answered if each.outcome.result is Result.DELIVERED]
        self._taken(registered, taken)
        worst: Outcome | None = None
        _count(channel, answered, taken)
        for parcel, due, outcome in answered:
            if outcome.result is Result.REFUSED:
                wait = wait_seconds(
                    due.attempts + 1, outcome.wait_seconds, scale=self._scale,
                    whose=parcel.record_key,
                )  # fmt: skip
                self._ledger.due.later(subscription_id, parcel.record_key, self._after(wait))
            elif outcome.result is not Result.DELIVERED:
                worst = outcome
        self._stand(registered, worst, is_well=bool(taken))
        now_us = self._clock.epoch_ms() * 1000
        attempts = [_attempt(now_us, channel, *each) for each in answered]
        self._ledger.diary.attempted(subscription_id, attempts)

    def _taken(self, registered: Registered, taken: Sequence[Answered]) -> None:
        subscription_id = registered.subscription.subscription_id
        self._ledger.held.confirm(
            subscription_id,
            (
                (parcel.record_key, each.message.subject, each.message.sequence)
                for parcel, _, _ in taken
                for each in parcel.deliveries
            ),
        )
        self._ledger.held.await_receipts(subscription_id, self._awaited(registered, taken))
        self._ledger.due.done(subscription_id, [each.due for each in taken])
        for parcel, _, _ in taken:
            if any(each.message.view is None for each in parcel.deliveries):
                self._ledger.said.forget(parcel.record_key)

    def _awaited(self, registered: Registered, taken: Sequence[Answered]) -> list[Awaited]:
        now_us = self._clock.epoch_ms() * 1000
        due_us = now_us + registered.subscription.receipt_hours * _HOUR_US
        return [
            Awaited(each.delivery_id, each.message.subject, each.message.sequence, now_us, due_us)
            for parcel, _, _ in taken
            for each in parcel.deliveries
            if each.message.needs_receipt
        ]

    def _stand(self, registered: Registered, worst: Outcome | None, *, is_well: bool) -> None:
        """Note how a subscriber is; only what it took in says that it is well again."""
        subscription_id, register = registered.subscription.subscription_id, self._ledger.register
        if worst is None:
            if registered.attempts and is_well:
                register.pause(subscription_id, 0, 0)
            return
        tell_failure(subscription_id, registered.subscription.channel.kind, worst.code)
        failures = registered.attempts + 1
        wait = wait_seconds(
            failures, worst.wait_seconds, scale=self._scale, whose=subscription_id
        )  # fmt: skip
        register.pause(subscription_id, failures, self._after(wait))
        if worst.result is Result.GONE:
            standing = registered.standing.model_copy(update={"suspended_for": GONE})
            register.stand(subscription_id, standing)

    def _after(self, seconds: float) -> int:
        return self._clock.epoch_ms() * 1000 + int(seconds * 1_000_000)


def _attempt(now_us: int, channel: str, parcel: Parcel, _: Due, outcome: Outcome) -> Attempt:
    key, count = parcel.record_key, len(parcel.deliveries)
    return Attempt(now_us, key, channel, outcome.result.value, outcome.code, count)


def _count(channel: str, answered: Sequence[Answered], taken: Sequence[Answered]) -> None:
    results = Counter(each.outcome.result for each in answered)
    for result, count in results.items():
        FEED_PARCELS_TOTAL.labels(channel=channel, result=result.value).inc(count)
    told = Counter(each.message.status for parcel, _, _ in taken for each in parcel.deliveries)
    for status, count in told.items():
        FEED_MESSAGES_TOTAL.labels(channel=channel, status=status).inc(count)
