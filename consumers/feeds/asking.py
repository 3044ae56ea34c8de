"""What a subscriber says and asks of what it holds: receipts, comparisons, and being told again.

Invariant: what changes anything is in the audit before it takes effect; nothing of what a record
says is in any answer here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from consumers.feeds.acts import Act, entry_of_act
from consumers.feeds.digest import (
    Comparison,
    Holding,
    Leaves,
    Summary,
    compared,
    digest_of,
    in_bucket,
    leaves_of,
    summary_of,
)
from consumers.feeds.ledger.again import Told
from consumers.feeds.ledger.diary import Receipted
from consumers.feeds.ledger.due import URGENT
from consumers.feeds.ledger.held import Awaited
from consumers.feeds.ledger.ledger import Ledger
from consumers.feeds.subscription import Subscription
from recordbus.audit import AuditSink, Outcome, Receipt
from recordbus.clock import Clock
from recordbus.errors import Misconfigured, Refused
from recordbus.ids import IdSource
from recordbus.metrics import (
    FEED_CAPS_REACHED_TOTAL,
    FEED_COMPARISONS_TOTAL,
    FEED_RECEIPTS_UNKNOWN_TOTAL,
)
from recordbus.policy import Policies

RESEND: Final = "resend"
NEEDS_APPROVAL: Final = "needs_approval"


class Wish(NamedTuple):
    """What a subscriber wants to be told again: everything, from an instant on, or by name."""

    since: datetime | None = None
    subjects: tuple[str, ...] | None = None


class Granted(NamedTuple):
    """How many messages will be told again, and which subjects were never told."""

    messages: int
    unknown: list[str]


class Expected(NamedTuple):
    """What a subscriber must hold under a salt; `unsettled` may be on their way to it."""

    leaves: Leaves
    unsettled: frozenset[str]

    @property
    def summary(self) -> Summary:
        """Give the digests of it."""
        return summary_of(self.leaves)


class Asking:
    """Answers subscribers from the ledger. Not for use by several threads."""

    def __init__(
        self, ledger: Ledger, policies: Policies, audit: AuditSink, clock: Clock, ids: IdSource
    ) -> None:
        self._ledger, self._policies, self._audit = ledger, policies, audit
        self._clock, self._ids = clock, ids

    def receipts(
        self, subscription_id: str, delivery_ids: Sequence[str], by: str | None = None
    ) -> list[bool]:
        """Take receipts in, and say of each whether it was awaited (R-24).

        One that nobody awaits, or that comes again, changes nothing and is counted (row 81).
        """
        subscription = self._subscription(subscription_id)
        awaited = self._ledger.held.awaited(subscription_id)
        asked = frozenset(delivery_ids)
        taken = {each.delivery_id: each for each in awaited if each.delivery_id in asked}
        if taken:
            self._receipt(subscription, list(taken.values()), by)
        results = [taken.pop(each, None) is not None for each in delivery_ids]
        unknown = results.count(False)
        if unknown:
            FEED_RECEIPTS_UNKNOWN_TOTAL.labels(agency=subscription.agency).inc(unknown)
        return results

    def expected(self, subscription_id: str, salt: str) -> Expected:
        """Give what a subscriber must hold; raises ValueError for a salt that is none."""
        self._subscription(subscription_id)
        holdings = [Holding(*each) for each in self._ledger.held.holdings(subscription_id)]
        return Expected(leaves_of(salt, holdings), self._ledger.again.unsettled(subscription_id))

    def compare(
        self, expected: Expected, digest: str, bucket: str | None, given: Mapping[str, str] | None
    ) -> tuple[bool, Comparison | None]:
        """Tell whether a subscriber holds what it must, and where not if it gave its leaves.

        While something is on its way a digest alone may differ for that reason: it counts as a
        difference only where nothing is.
        """
        leaves = in_bucket(expected.leaves, bucket)
        found = None if given is None else compared(leaves, given, expected.unsettled)
        is_equal = digest == digest_of(leaves.values()) if found is None else found.is_equal
        if found is not None or is_equal or not expected.unsettled:
            FEED_COMPARISONS_TOTAL.labels(comparison="equal" if is_equal else "different").inc()
        return is_equal, found

    def resend(
        self, subscription_id: str, wish: Wish, *, most_per_day: int | None = None,
        by: str | None = None,
    ) -> Granted:  # fmt: skip
        """Let what was told last be told again, under the same ids, as what may now be had.

        `most_per_day` is how much of it goes without the operator; more raises Refused, is in the
        audit, and nothing of it is sent. What is already on its way is not counted.
        """
        subscription = self._subscription(subscription_id)
        told = self._told(subscription_id, wish)
        now_us = self._clock.epoch_ms() * 1000
        if most_per_day is not None:
            used = self._ledger.fetched.used(subscription_id, RESEND, now_us)
            if used + len(told) > most_per_day:
                self._refuse(subscription, len(told), most_per_day, by)
        if told:
            self._enter(subscription, Act("feeds.resend", by=by, asked=(("messages", len(told)),)))
            with self._ledger.transaction():
                self._again(subscription_id, told)
                if most_per_day is not None:
                    self._ledger.fetched.use(subscription_id, RESEND, now_us, len(told))
        return Granted(len(told), self._unknown(subscription_id, wish, told))

    def _receipt(
        self, subscription: Subscription, taken: Sequence[Awaited], by: str | None
    ) -> None:
        act = Act("feeds.receipt", by=by, subjects=tuple(each.subject for each in taken))
        entered = self._enter(subscription, act)
        now_us = self._clock.epoch_ms() * 1000
        subscription_id, who = subscription.subscription_id, by or subscription.requester
        with self._ledger.transaction():
            for each in taken:
                self._ledger.held.receipted(subscription_id, each.delivery_id)
            self._ledger.diary.keep(
                subscription_id,
                (
                    Receipted(
                        each.delivery_id, each.subject, each.sequence, each.sent_us, now_us, who,
                        entered.entry_id, entered.leaf_hash.hex(), entered.sequence,
                    )
                    for each in taken
                ),
            )  # fmt: skip

    def _told(self, subscription_id: str, wish: Wish) -> list[Told]:
        again = self._ledger.again
        if wish.subjects is not None:
            return again.told_of(subscription_id, wish.subjects)
        if wish.since is not None:
            return again.told_since(subscription_id, int(wish.since.timestamp() * 1_000_000))
        return again.told(subscription_id)

    def _again(self, subscription_id: str, told: Sequence[Told]) -> None:
        self._ledger.again.unanswer(subscription_id, told)
        record_keys = dict.fromkeys(each.record_key for each in told)
        self._ledger.due.mark((subscription_id, each, URGENT) for each in record_keys)

    def _unknown(self, subscription_id: str, wish: Wish, told: Iterable[Told]) -> list[str]:
        known = {each.subject for each in told} | self._ledger.again.unsettled(subscription_id)
        return [each for each in dict.fromkeys(wish.subjects or ()) if each not in known]

    def _refuse(self, subscription: Subscription, asked: int, most: int, by: str | None) -> None:
        FEED_CAPS_REACHED_TOTAL.labels(cap=RESEND).inc()
        act = Act(
            "feeds.resend", Outcome.REFUSED, (NEEDS_APPROVAL,), by, asked=(("messages", asked),)
        )
        self._enter(subscription, act)
        raise Refused(
            NEEDS_APPROVAL,
            f"{asked} messages are more than {most} in a day",
            hint="the operator approves it: recordbus feeds resend",
        )

    def _subscription(self, subscription_id: str) -> Subscription:
        found = self._ledger.register.all().get(subscription_id)
        if found is None:
            raise Misconfigured(
                f"there is no subscription {subscription_id}", hint="see: recordbus feeds list"
            )
        return found.subscription

    def _enter(self, subscription: Subscription, act: Act) -> Receipt:
        return self._audit.append(
            entry_of_act(
                act, subscription, self._ids.next(), self._clock.now(), self._policies.version
            )
        )
