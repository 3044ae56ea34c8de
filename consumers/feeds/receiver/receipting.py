"""Gives the portal the receipts that are owed, again and again until it has them.

Invariant: a receipt is struck off only when the portal took it, has it already, or did not await
it for as long as a delivery can take to be noted. Whatever else happens it is tried again, five
minutes later at most unless the portal asks for more, also after a restart.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Final

from consumers.feeds.receiver.owed import Debt, Owed
from consumers.feeds.receiver.portal_client import MOST_AT_ONCE, NotTaken, PortalClient
from consumers.feeds.retrying import wait_seconds
from recordbus.clock import Clock

MOST_TRIES: Final = 12
"""After so many tries, three quarters of an hour, nobody awaits a receipt."""
NOT_AWAITED: Final = "not_awaited"
CANNOT_BE_KEPT: Final = "cannot_be_kept"
_LONGEST_STEP: Final = 3
"""The step of the schedule that waits grow to: five minutes."""
_IDLE_SECONDS: Final = 30.0
_TROUBLE_SECONDS: Final = 5.0
Told = Callable[[Sequence[str], str], None]
"""Is told the ids of messages, and why they have no receipt yet; an empty reason is a receipt."""


class Receipting:
    """Works off what is owed. For one thread."""

    def __init__(self, owed: Owed, portal: PortalClient, clock: Clock, told: Told) -> None:
        self._owed, self._portal, self._clock, self._told = owed, portal, clock, told

    def work(self) -> None:
        """Try to give what is due now, the receipts of each subscription together."""
        due = self._owed.due(self._now(), MOST_AT_ONCE)
        by_subscription = sorted(due, key=lambda each: each.subscription_id)
        for subscription_id, debts in groupby(by_subscription, key=lambda e: e.subscription_id):
            self._give(subscription_id, list(debts))

    def idle_seconds(self) -> float:
        """Give how long nothing is due, half a minute at most."""
        at = self._owed.next_seconds()
        return _IDLE_SECONDS if at is None else min(max(at - self._now(), 0.0), _IDLE_SECONDS)

    def run(self, stop: threading.Event, woken: threading.Event) -> None:
        """Work until told to stop; `woken` says that something is owed, or to look at `stop`."""
        while not stop.is_set():
            try:
                self.work()
                idle = self.idle_seconds()
            except sqlite3.Error:
                self._told((), CANNOT_BE_KEPT)
                idle = _TROUBLE_SECONDS
            woken.wait(idle)
            woken.clear()

    def _give(self, subscription_id: str, debts: Sequence[Debt]) -> None:
        try:
            taken = self._portal.give(subscription_id, [each.message_id for each in debts])
        except NotTaken as error:
            self._later(debts, error)
            return
        given = [debt for debt, was_awaited in zip(debts, taken, strict=True) if was_awaited]
        self._settle(given, "")
        for debt, was_awaited in zip(debts, taken, strict=True):
            if not was_awaited:
                self._not_awaited(debt)

    def _not_awaited(self, debt: Debt) -> None:
        """Strike off what was receipted since it came; else the bus may not know yet that it did.

        A receipt from before that is of an earlier time that the message was told.
        """
        try:
            given_at = self._portal.given_at(debt.subscription_id, debt.message_id)
        except NotTaken as error:
            self._later([debt], error)
            return
        if given_at is not None and given_at >= debt.taken_seconds:
            self._settle([debt], "")
        elif debt.attempts + 1 >= MOST_TRIES:
            self._settle([debt], "" if given_at is not None else NOT_AWAITED)
        else:
            self._later([debt], NotTaken(NOT_AWAITED))

    def _settle(self, debts: Sequence[Debt], code: str) -> None:
        if debts:
            self._owed.settled(debts)
            self._told(_ids(debts), code)

    def _later(self, debts: Sequence[Debt], error: NotTaken) -> None:
        self._owed.later((each, self._now() + _wait(each, error)) for each in debts)
        if error.code != NOT_AWAITED:  # what the bus is only about to note is nothing to tell of
            self._told(_ids(debts), error.code)

    def _now(self) -> float:
        return self._clock.epoch_ms() / 1000


def _wait(debt: Debt, error: NotTaken) -> float:
    step = min(debt.attempts + 1, _LONGEST_STEP)
    return wait_seconds(step, error.wait_seconds, whose=debt.subscription_id)


def _ids(debts: Iterable[Debt]) -> list[str]:
    return [each.message_id for each in debts]
