"""The ledger as a sink of the log, with the dispatcher doing what is due between batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from consumers.feeds.dispatcher import Dispatcher
from consumers.feeds.ledger.beat import beat
from consumers.feeds.ledger.ledger import Ledger
from consumers.feeds.reviewing import review, scan
from consumers.feeds.saying import Said
from consumers.sink import Applied, Change, Progress, TopicPartition
from recordbus.clock import Clock
from recordbus.policy import Policies

REVIEW_SECONDS: Final = 1.0


class FeedSink:
    """A `Sink[Said]` whose settling is sending."""

    name = "feeds"

    def __init__(
        self, ledger: Ledger, dispatcher: Dispatcher, policies: Callable[[], Policies], clock: Clock
    ) -> None:
        self._ledger, self._dispatcher, self._policies = ledger, dispatcher, policies
        self._clock = clock
        self._reviewed_at: float | None = None

    def positions(self) -> Mapping[TopicPartition, int]:
        """Give the next offset to read of every partition."""
        return self._ledger.positions()

    def apply(
        self, changes: Sequence[Change[Said]], progress: Mapping[TopicPartition, Progress]
    ) -> Applied:
        """Store what was said and whom it concerns, in one transaction."""
        return self._ledger.apply(changes, progress)

    def settle(self) -> bool:
        """Send a bounded part of what is due; True when there is nothing to do for now."""
        moved = self._dispatcher.collect()
        now = self._clock.monotonic()
        if self._reviewed_at is None or now - self._reviewed_at >= REVIEW_SECONDS:
            self._reviewed_at = now
            beat(self._ledger.path, self._clock.now())
            moved |= review(self._ledger, self._policies(), self._clock.now())
        moved |= scan(self._ledger)
        moved |= self._dispatcher.hand_out()
        return not moved

    def close(self) -> None:
        """Let the ledger go; what is on its way is sent again by whoever opens it next."""
        self._ledger.close()
