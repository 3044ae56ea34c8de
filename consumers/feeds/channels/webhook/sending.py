"""Sends messages over one connection, and says what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from consumers.feeds.channels.interface import DELIVERED, Outcome, Parcel
from consumers.feeds.channels.webhook.connection import Connection, Headers
from consumers.feeds.channels.webhook.outcomes import Patience, failure, outcome_of
from consumers.feeds.channels.webhook.round import Round
from consumers.feeds.channels.webhook.signing import SigningKey, signatures
from consumers.feeds.channels.webhook.trouble import Trouble
from consumers.feeds.envelope import CONTENT_TYPE, Delivery
from recordbus import build
from recordbus.clock import Clock
from recordbus.crashpoints import crashpoint
from recordbus.metrics import FEED_WEBHOOK_REQUESTS_TOTAL, FEED_WEBHOOK_SECONDS

_DELIVERED: Final = "delivered"


class Sender:
    """One of a channel's connections. For one thread."""

    def __init__(self, connection: Connection, patience: Patience, clock: Clock) -> None:
        self._connection, self._patience, self._clock = connection, patience, clock
        self._fixed = [
            ("content-type", CONTENT_TYPE),
            ("accept-encoding", "identity"),
            ("user-agent", f"recordbus/{build.version()}"),
        ]

    def work(self, around: Round, keys: Sequence[SigningKey]) -> None:
        """Send what a round still has, until it has nothing more or is stopped."""
        for places in around.groups():
            self._record(around, places, keys)

    def close(self) -> None:
        """Let the connection go."""
        self._connection.close()

    def _record(self, around: Round, places: list[int], keys: Sequence[SigningKey]) -> None:
        for at, place in enumerate(places):
            outcome = self._parcel(around.parcel(place), keys)
            crashpoint("webhook.answered")
            if outcome is not DELIVERED:
                around.note(places[at:], outcome)
                return
            around.note((place,), outcome)

    def _parcel(self, parcel: Parcel, keys: Sequence[SigningKey]) -> Outcome:
        for each in parcel.deliveries:
            outcome = self._message(each, keys)
            if outcome is not DELIVERED:
                return self._patience.judge(parcel.record_key, outcome)
            self._patience.delivered()
        return DELIVERED

    def _message(self, delivery: Delivery, keys: Sequence[SigningKey]) -> Outcome:
        began = self._clock.monotonic()
        outcome = self._attempt(delivery, keys)
        FEED_WEBHOOK_SECONDS.observe(self._clock.monotonic() - began)
        FEED_WEBHOOK_REQUESTS_TOTAL.labels(code=outcome.code or _DELIVERED).inc()
        return outcome

    def _attempt(self, delivery: Delivery, keys: Sequence[SigningKey]) -> Outcome:
        try:
            answer = self._connection.post(self._headers(delivery, keys), delivery.body)
        except Trouble as trouble:
            return failure(trouble.code)
        return outcome_of(answer.status, answer.retry_after, self._clock.now())

    def _headers(self, delivery: Delivery, keys: Sequence[SigningKey]) -> Headers:
        number, at_seconds = delivery.delivery_id, self._clock.epoch_ms() // 1000
        return [
            *self._fixed,
            ("webhook-id", number),
            ("webhook-timestamp", str(at_seconds)),
            ("webhook-signature", signatures(keys, number, at_seconds, delivery.body)),
        ]
