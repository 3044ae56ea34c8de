"""Random lives of a subscriber that fetches: whatever is lost, its copy ends right (R-31, R-32).

All that happens in the lives of a feed happens here too; what differs is the partner, who asks, and
loses answers before or after it took them in. The portal and the worker are two ends of one ledger.
"""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import settings

from consumers.feeds.ledger.ledger import Ledger
from consumers.feeds.portal.fetching import Bounds, Fetching
from consumers.feeds.saying import Part
from consumers.feeds.sink import REVIEW_SECONDS
from consumers.feeds.subscription import Channel, Subscription
from recordbus.testing.ids import SequenceIds
from recordbus.web.problems import Problem
from tests.unit.consumers.feeds.portal.door import ID, PolledBus
from tests.unit.consumers.feeds.test_worlds import Feed

LIMITS = (1, 2, 100)


class FetchingBus(PolledBus):
    """A bus whose one partner fetches whenever the worker has worked."""

    def __init__(self, path: Path) -> None:
        self._cursor: str | None = None
        self._ids = SequenceIds("portal")
        self._asked = 0
        super().__init__(path)

    def start(self) -> None:
        """Begin both ends of the ledger."""
        super().start()
        self._portal = Ledger(self.path, dict.fromkeys(Part, self._value))
        self._fetching = Fetching(
            self._portal, lambda: self.policies, self.audit, self.clock, self._ids,
            source="urn:recordbus:test", bounds=Bounds(),
        )  # fmt: skip

    def restart(self) -> None:
        """Kill both processes, and begin anew."""
        self._portal.close()
        super().restart()

    def subscribe(self, subscription: Subscription) -> None:
        """Register a subscription of somebody who fetches."""
        channel = Channel(kind="poll")
        super().subscribe(subscription.model_copy(update={"channel": channel}))

    def settle(self, rounds: int = 1) -> bool:
        """Let the worker work and the partner ask, as it feels."""
        is_done = super().settle(rounds)
        if self.partner.mood not in ("away", "gone"):
            self._fetch()
        return is_done

    def rest(self) -> None:
        """Let the partner ask until nothing is due any more."""
        self.clock.advance(2 * REVIEW_SECONDS)
        for _ in range(200):
            super().settle()
            if not self._fetch() and not self._waits():
                return
        raise AssertionError("the feed never came to rest")

    def _fetch(self) -> int:
        """Ask once; a mute partner forgets its cursor, an unwilling one never got the answer."""
        self._asked += 1
        limit = LIMITS[self._asked % len(LIMITS)]
        try:
            answer = self._fetching.fetch(ID, self._cursor, limit)
        except Problem as problem:
            if problem.code != "cursor_unknown":
                raise
            self._cursor = None
            return 1
        if self.partner.mood == "unwilling":
            return len(answer.bodies)
        for body in answer.bodies:
            envelope = json.loads(body)
            self.partner._take(envelope["id"], envelope)
        self._cursor = None if self.partner.mood == "mute" else answer.cursor
        return len(answer.bodies)


class PolledFeed(Feed):
    """The lives of a feed, with a partner that fetches."""

    def make(self, path: Path) -> FetchingBus:
        """Give the bus of this life."""
        return FetchingBus(path)

    def teardown(self) -> None:
        """Let both ends go."""
        try:
            super().teardown()
        finally:
            self.bus._portal.close()  # type: ignore[attr-defined]


PolledFeed.TestCase.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
TestPolledFeed = PolledFeed.TestCase
