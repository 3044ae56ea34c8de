"""One load of parcels that several senders share out among themselves.

Invariant: each parcel has one outcome at the end. Parcels of one record are one sender's, in
order, and after one of them failed the rest of that record wait, for it would overtake.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

from consumers.feeds.channels.interface import Outcome, Parcel, Result

_NOT_TRIED: Final = Outcome(Result.LATER, "not_tried")


class Round:
    """The parcels of one load, by record, and what became of them. For several threads."""

    def __init__(self, parcels: Sequence[Parcel]) -> None:
        groups: dict[str, list[int]] = {}
        for place, parcel in enumerate(parcels):
            groups.setdefault(parcel.record_key, []).append(place)
        self.records = len(groups)
        self._parcels = parcels
        self._waiting = deque(groups.values())
        self._outcomes: list[Outcome | None] = [None] * len(parcels)
        self._stopped: Outcome | None = None
        self._lock = threading.Lock()

    def groups(self) -> Iterator[list[int]]:
        """Give the places of one record's parcels after the other, until stopped or none is left.

        Every sender asks for itself, and no group is given twice.
        """
        with suppress(IndexError):
            while self._stopped is None:
                yield self._waiting.popleft()

    def parcel(self, place: int) -> Parcel:
        """Give the parcel of a place."""
        return self._parcels[place]

    def note(self, places: Sequence[int], outcome: Outcome) -> None:
        """Note what became of parcels; what is neither delivered nor refused stops the round."""
        for place in places:
            self._outcomes[place] = outcome
        if outcome.result in (Result.LATER, Result.GONE):
            with self._lock:
                if self._stopped is None or outcome.result is Result.GONE:
                    self._stopped = outcome

    def outcomes(self) -> list[Outcome]:
        """Give all outcomes, once all senders are done.

        What stopped the round is the outcome of all that it stopped, so that an endpoint that is
        gone is not taken for one that only asked for a pause meanwhile.
        """
        stopped = self._stopped or _NOT_TRIED
        return [
            each if each is not None and _stands_alone(each) else stopped for each in self._outcomes
        ]


def _stands_alone(outcome: Outcome) -> bool:
    return outcome.result in (Result.DELIVERED, Result.REFUSED)
