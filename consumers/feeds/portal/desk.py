"""Serves one subscriber at a time: whose subscription it is, what it may do, and what it is told.

Invariant: a subscription of another agency is answered as one that is not there, byte for byte and
by the same steps; who is refused is in the audit before the answer.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from consumers.feeds.asking import Asking, Wish
from consumers.feeds.ledger.beat import last_beat
from consumers.feeds.ledger.ledger import Ledger
from consumers.feeds.portal import answers
from consumers.feeds.portal.bodies import Held, Receipts, Since, Subjects
from consumers.feeds.portal.fetching import POLL, Fetching
from consumers.feeds.registering import Registrar
from consumers.feeds.subscription import State
from recordbus.audit import AuditSink, Entry, Operation, Outcome
from recordbus.clock import Clock
from recordbus.errors import Refused
from recordbus.ids import IdSource
from recordbus.web.problems import Problem
from recordbus.web.tokens import Caller

READ: Final = "feeds:read"
WRITE: Final = "feeds:write"
_STALE_SECONDS: Final = 5


@dataclass(frozen=True, slots=True)
class Visit:
    """One authenticated request, and the command that the audit knows it by."""

    caller: Caller
    command: str
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """How much is sent again in a day without the operator, and what counts as fresh."""

    resend_per_day: int = 1000
    stale_seconds: float = 60.0


class Desk:
    """Everything that a subscriber may ask, behind one ledger. Not for use by several threads."""

    def __init__(
        self, ledger: Ledger, fetching: Fetching, registrar: Callable[[], Registrar],
        asking: Callable[[], Asking], audit: AuditSink, clock: Clock, ids: IdSource, rules: Rules,
    ) -> None:  # fmt: skip
        """`registrar` and `asking` give those of the policies in force now."""
        self._ledger, self._fetching, self._audit = ledger, fetching, audit
        self._registrar, self._asking = registrar, asking
        self._clock, self._ids, self._rules = clock, ids, rules

    def let_in(self, visit: Visit, scope: str) -> None:
        """Refuse a caller whose token lacks a scope; raises Problem `forbidden`."""
        if scope not in visit.caller.scopes:
            raise self._refused(visit, "forbidden")

    def subscriptions(self, visit: Visit) -> bytes:
        """Give all subscriptions of the caller's agency."""
        found = [
            answers.subscription(self._registrar().view(each))
            for each, registered in self._ledger.register.all().items()
            if registered.subscription.agency == visit.caller.agency
        ]
        return answers.body_of({"subscriptions": found})

    def subscription(self, visit: Visit, subscription_id: str) -> bytes:
        """Give one subscription."""
        self._own(visit, subscription_id)
        return answers.body_of(answers.subscription(self._registrar().view(subscription_id)))

    def confirm(self, visit: Visit, subscription_id: str) -> bytes:
        """Confirm that its case still needs a subscription (R-36)."""
        self._going_on(visit, subscription_id)
        self._registrar().confirm(subscription_id, by=visit.caller.subject)
        return self.subscription(visit, subscription_id)

    def stop(self, visit: Visit, subscription_id: str) -> bytes:
        """End a subscription for good; what is held is taken back."""
        self._going_on(visit, subscription_id)
        self._registrar().stop(subscription_id, by=visit.caller.subject)
        return self.subscription(visit, subscription_id)

    def messages(self, visit: Visit, subscription_id: str, cursor: str | None, limit: int) -> bytes:
        """Hand over what is due, after taking in what the cursor acknowledges."""
        self._own(visit, subscription_id)
        registered = self._ledger.register.all()[subscription_id]
        if registered.subscription.channel.kind != POLL:
            raise Problem("told_otherwise")
        if not self.is_fresh():
            raise Problem("unavailable", retry_after_seconds=_STALE_SECONDS)
        return answers.messages(self._fetching.fetch(subscription_id, cursor, limit))

    def owed(self, visit: Visit, subscription_id: str) -> bytes:
        """Give the receipts that are awaited."""
        self._own(visit, subscription_id)
        awaited = self._ledger.held.awaited(subscription_id)
        return answers.body_of(answers.owed(awaited, self._clock.now()))

    def receipts(self, visit: Visit, subscription_id: str, asked: Receipts) -> bytes:
        """Take receipts in, each by itself (R-24)."""
        self._own(visit, subscription_id)
        taken = self._asking().receipts(subscription_id, asked.delivery_ids, visit.caller.subject)
        return answers.body_of(answers.receipted(asked.delivery_ids, taken))

    def proof(self, visit: Visit, subscription_id: str, delivery_id: str) -> bytes:
        """Give the proof of a receipt."""
        self._own(visit, subscription_id)
        found = self._ledger.diary.receipted(subscription_id, delivery_id)
        if found is None:
            raise Problem("not_found")
        return answers.body_of(answers.proof(subscription_id, found))

    def digest(self, visit: Visit, subscription_id: str, salt: str | None) -> bytes:
        """Give the digests of what must be held, under the caller's salt or a new one."""
        self._own(visit, subscription_id)
        salt = salt or secrets.token_urlsafe(24)
        return answers.body_of(
            answers.expected(salt, self._asking().expected(subscription_id, salt))
        )

    def compare(self, visit: Visit, subscription_id: str, held: Held) -> bytes:
        """Say whether what is held is what must be, and where it is not."""
        self._own(visit, subscription_id)
        asking = self._asking()
        found = asking.expected(subscription_id, held.salt)
        is_equal, differences = asking.compare(found, held.digest, held.bucket, held.leaves)
        return answers.body_of(
            answers.comparison(found, is_equal=is_equal, differences=differences)
        )

    def resend(self, visit: Visit, subscription_id: str, asked: Any) -> bytes:
        """Let what was told be told again, within what a day allows."""
        self._own(visit, subscription_id)
        wish = Wish(
            asked.since if isinstance(asked, Since) else None,
            tuple(asked.subjects) if isinstance(asked, Subjects) else None,
        )
        try:
            granted = self._asking().resend(
                subscription_id, wish, by=visit.caller.subject,
                most_per_day=self._rules.resend_per_day,
            )  # fmt: skip
        except Refused:
            raise Problem(
                "needs_approval", f"at most {self._rules.resend_per_day} messages in a day"
            ) from None
        return answers.body_of(answers.granted(granted))

    def attempts(self, visit: Visit, subscription_id: str, limit: int) -> bytes:
        """Give the last attempts to tell the subscriber anything."""
        self._own(visit, subscription_id)
        return answers.body_of(
            answers.attempts(self._ledger.diary.attempts(subscription_id, limit))
        )

    def is_fresh(self) -> bool:
        """Tell whether the ledger is kept up: a feeds worker left a sign not long ago."""
        last = last_beat(self._ledger.path)
        if last is None:
            return False
        return (self._clock.now() - last).total_seconds() <= self._rules.stale_seconds

    def _own(self, visit: Visit, subscription_id: str) -> None:
        """Refuse what is not the caller's as if it were not there; raises Problem `not_found`."""
        found = self._ledger.register.all().get(subscription_id)
        if found is None or found.subscription.agency != visit.caller.agency:
            raise self._refused(visit, "not_found")

    def _going_on(self, visit: Visit, subscription_id: str) -> None:
        self._own(visit, subscription_id)
        if self._registrar().view(subscription_id).state is State.ENDED:
            raise Problem("has_ended")

    def _refused(self, visit: Visit, code: str) -> Problem:
        """Give the problem of a refusal, after the audit has it."""
        self._audit.append(
            Entry(
                entry_id=self._ids.next(), at=self._clock.now(), operation=Operation.CONSULTATION,
                command=visit.command, outcome=Outcome.REFUSED, requester=visit.caller.subject,
                on_behalf_of=visit.caller.agency, origin=visit.origin, reasons=(code,),
            )
        )  # fmt: skip
        return Problem(code)
