"""Keeps a consumer's requests to a broker apart, so that one answer brings what came meanwhile.

The driver asks again as soon as an answer was taken over. The next answer then holds the few
messages of the moment after that, and lies ready until the next time somebody looks, while all that
comes later waits for one more request. Invariant: who has nothing new is asked in time, and who is
behind is asked at once; only a request that could bring a moment's messages waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

Ask = Callable[[Any, int, Any], Awaitable[bool]]
"""The driver's own request: of an assignment, to a node; says whether it brought anything."""


class RequestsApart:
    """Stands before the driver's own request.

    `seconds_apart` says how long after the one before a request to the same node is made, `now`
    and `sleep` are of the loop that the driver runs on.
    """

    def __init__(
        self,
        ask: Ask,
        seconds_apart: Callable[[], float],
        now: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._ask = ask
        self._seconds_apart = seconds_apart
        self._now = now
        self._sleep = sleep
        self._asked_at: dict[int, float] = {}

    async def __call__(self, assignment: Any, node: int, request: Any) -> bool:
        """Ask in time; ask nothing when the partitions are somebody else's by then.

        The driver counts the request as made from here on, so it makes no other to this node.
        """
        left_seconds = self._asked_at.get(node, float("-inf")) + self._seconds_apart() - self._now()
        if left_seconds > 0 and not is_behind(assignment, request):
            try:
                await self._sleep(left_seconds)
            except asyncio.CancelledError:
                return False  # as the driver's own request ends; whoever cancels waits for it
        if not assignment.active:
            return False
        self._asked_at[node] = self._now()
        return await self._ask(assignment, node, request)


def is_behind(assignment: Any, request: Any) -> bool:
    """Tell whether the answer before this request left out messages that are there."""
    for topic, partitions in request.topics:
        for partition, position, _ in partitions:
            end = assignment.state_value((topic, partition)).lso
            if end is not None and end > position:
                return True
    return False
