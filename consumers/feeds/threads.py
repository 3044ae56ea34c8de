"""Runs each subscription's deliveries in a thread of its own, so that none waits for another's."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from consumers.feeds.channels.interface import Outcome


class Threads:
    """An executor with one thread a subscription, made when it first has something to send."""

    def __init__(self) -> None:
        self._pools: dict[str, ThreadPoolExecutor] = {}

    def submit(
        self, subscription_id: str, work: Callable[[], list[Outcome]]
    ) -> Future[list[Outcome]]:
        """Begin some work once the work that this subscription had before is done."""
        pool = self._pools.get(subscription_id)
        if pool is None:
            pool = ThreadPoolExecutor(1, thread_name_prefix=f"feed-{subscription_id}")
            self._pools[subscription_id] = pool
        return pool.submit(work)

    def close(self) -> None:
        """Begin nothing more; what is on its way may end by itself."""
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
        self._pools.clear()
