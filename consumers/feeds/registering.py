"""Registers subscriptions and what becomes of them; nothing is registered that may not be had.

Invariant: each of these acts is in the audit before it takes effect (R-28, R-39).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from consumers.feeds.acts import Act, entry_of_act
from consumers.feeds.asking import Asking
from consumers.feeds.ledger.ledger import Ledger
from consumers.feeds.subscription import Standing, State, Subscription, due_and_over, state_at
from recordbus.audit import AuditSink, Outcome
from recordbus.clock import Clock
from recordbus.errors import Misconfigured
from recordbus.ids import IdSource
from recordbus.policy import Policies
from recordbus.policy.asking import NotAllowed, check_may_ask


class Overview(NamedTuple):
    """A subscription as it is now, for people who look after it."""

    subscription: Subscription
    state: State
    suspended_for: str | None
    records_due: int
    subjects_held: int
    receipts_owed: int
    receipts_overdue: int
    failures: int
    confirm_by: datetime


class Registrar:
    """Takes subscriptions in, confirms, stops and resumes them, and takes receipts."""

    def __init__(
        self, ledger: Ledger, policies: Policies, audit: AuditSink, clock: Clock, ids: IdSource
    ) -> None:
        self._ledger, self._policies, self._audit = ledger, policies, audit
        self._clock, self._ids = clock, ids

    def subscribe(self, subscription: Subscription) -> None:
        """Register a subscription.

        Raises Refused when no agreement gives its recipient anything for its purpose, or when it
        would go to one agency for another and no agreement with that other says so: a claim must
        not open what only that other may have (R-30). Raises Misconfigured when its id is taken.
        """
        try:
            check_may_ask(self._policies, subscription.request(), self._clock.now())
        except NotAllowed as error:
            reasons = (error.reason, *error.rules)
            self._enter(subscription, "feeds.subscribe", Outcome.REFUSED, reasons)
            raise
        register = self._ledger.register
        if subscription.subscription_id in {*register.all(), *register.unreadable()}:
            raise Misconfigured(
                f"there is a subscription {subscription.subscription_id} already",
                hint="a subscription never changes: stop it, and register another id",
            )
        self._enter(subscription, "feeds.subscribe", Outcome.ACCEPTED)
        validated_at = max(subscription.start, self._clock.now())
        with self._ledger.transaction():
            self._ledger.register.add(subscription, Standing(validated_at=validated_at))

    def confirm(self, subscription_id: str, by: str | None = None) -> None:
        """Note that its case still needs a subscription (R-36); it must not have ended."""
        self._stand(subscription_id, "feeds.confirm", {"validated_at": self._clock.now()}, by)

    def stop(self, subscription_id: str, by: str | None = None) -> None:
        """End a subscription for good; what its subscriber holds is taken back."""
        self._stand(subscription_id, "feeds.stop", {"stopped_at": self._clock.now()}, by)

    def resume(self, subscription_id: str) -> None:
        """Go on with a subscription whose endpoint was gone, or whose channel could not be made.

        Also with one that has ended meanwhile: what its subscriber holds must still be taken back.
        """
        self._stand(subscription_id, "feeds.resume", {"suspended_for": None}, even_ended=True)

    @contextmanager
    def changing_keys(self, subscription_id: str, command: str) -> Iterator[None]:
        """Note that the keys of a subscription change; after that it is tried again at once."""
        subscription, _ = self._known(subscription_id)
        self._enter(subscription, command, Outcome.ACCEPTED)
        yield
        with self._ledger.transaction():
            self._ledger.register.pause(subscription_id, 0, 0)

    def receipt(self, subscription_id: str, delivery_id: str) -> bool:
        """Take a receipt in; False, and nothing changes, for one that nobody awaits (row 81)."""
        asking = Asking(self._ledger, self._policies, self._audit, self._clock, self._ids)
        return asking.receipts(subscription_id, [delivery_id]) == [True]

    def overview(self) -> list[Overview]:
        """Give all subscriptions as they are now."""
        at = self._clock.now()
        return [self._overview(each, at) for each in self._ledger.register.all()]

    def unreadable(self) -> list[str]:
        """Give the ids of subscriptions that the overview lacks, for they cannot be read."""
        return sorted(self._ledger.register.unreadable())

    def view(self, subscription_id: str) -> Overview:
        """Give one subscription as it is now; raises Misconfigured when there is none."""
        self._known(subscription_id)
        return self._overview(subscription_id, self._clock.now())

    def _overview(self, subscription_id: str, at: datetime) -> Overview:
        found = self._ledger.register.all()[subscription_id]
        held = self._ledger.held
        return Overview(
            found.subscription,
            state_at(found.subscription, found.standing, at),
            found.standing.suspended_for,
            self._ledger.due.count(subscription_id),
            len(held.holdings(subscription_id)),
            len(held.awaited(subscription_id)),
            held.overdue(subscription_id, int(at.timestamp() * 1_000_000)),
            found.attempts,
            due_and_over(found.subscription, found.standing)[0],
        )

    def _stand(
        self, subscription_id: str, command: str, news: dict[str, datetime | None],
        by: str | None = None, *, even_ended: bool = False,
    ) -> None:  # fmt: skip
        subscription, standing = self._known(subscription_id)
        is_ended = state_at(subscription, standing, self._clock.now()) is State.ENDED
        if is_ended and not even_ended:
            raise Misconfigured(
                f"the subscription {subscription_id} has ended",
                hint="register another one, with a case that needs it",
            )
        self._enter(subscription, command, Outcome.ACCEPTED, by=by)
        with self._ledger.transaction():
            _, standing = self._known(subscription_id)  # the feeds may have changed it meanwhile
            self._ledger.register.stand(subscription_id, standing.model_copy(update=news))
            self._ledger.register.pause(subscription_id, 0, 0)

    def _known(self, subscription_id: str) -> tuple[Subscription, Standing]:
        found = self._ledger.register.all().get(subscription_id)
        if subscription_id in self._ledger.register.unreadable():
            raise Misconfigured(
                f"the ledger has a subscription {subscription_id} that this program cannot read",
                hint="run the version of recordbus that registered it, or restore the ledger from "
                "a copy; until then its agency is told nothing",
            )
        if found is None:
            raise Misconfigured(
                f"there is no subscription {subscription_id}", hint="see: recordbus feeds list"
            )
        return found.subscription, found.standing

    def _enter(
        self, subscription: Subscription, command: str, outcome: Outcome,
        reasons: tuple[str, ...] = (), by: str | None = None,
    ) -> None:  # fmt: skip
        act = Act(command, outcome, reasons, by)
        self._audit.append(
            entry_of_act(
                act, subscription, self._ids.next(), self._clock.now(), self._policies.version
            )
        )
