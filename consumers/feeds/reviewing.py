"""Looks at subscriptions themselves: whether what decides about them has become another."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Final

from consumers.feeds.answers import GONE
from consumers.feeds.channels.poll import Poll
from consumers.feeds.faults import UNUSABLE
from consumers.feeds.ledger.ledger import Ledger
from consumers.feeds.ledger.register import OVER, UNREADABLE, Registered
from consumers.feeds.subscription import State, state_at
from consumers.feeds.waiting import lets_wait
from recordbus.metrics import (
    FEED_RECEIPTS_OVERDUE,
    FEED_RECORDS_DUE,
    FEED_SUBSCRIPTIONS,
    FEED_SUSPENDED_SUBSCRIPTIONS,
)
from recordbus.policy import Policies

OVERDUE: Final = "overdue_receipts"
_WHY_SUSPENDED: Final = (OVERDUE, GONE, UNUSABLE)
PAGE: Final = 500
MOST_DUE: Final = 5000
"""So many records wait at most for a look that nothing but a new subscription asked for."""
_OPEN: Final = frozenset({State.ACTIVE, State.DUE})


def review(ledger: Ledger, policies: Policies, at: datetime) -> bool:
    """Look anew at whatever a policy, a receipt or time alone has changed; True if anything was.

    What a subscriber holds is looked at first: what must go does not wait for what is new.
    """
    changed = False
    with ledger.transaction():
        for subscription_id, registered in list(ledger.register.all().items()):
            current = _with_receipts(ledger, registered, policies, at)
            seen = _seen(current, policies, at)
            if seen != registered.seen:
                _look_again(ledger, subscription_id, current, seen)
                changed = True
    _show(ledger, at)
    return changed


def scan(ledger: Ledger) -> bool:
    """Go on with looking at all records for new subscriptions; True when there was anything."""
    found = False
    with ledger.transaction():
        for subscription_id, registered in list(ledger.register.all().items()):
            if registered.scanned_to is None or ledger.due.count(subscription_id) >= MOST_DUE:
                continue
            found = True
            page = ledger.said.after(registered.scanned_to, PAGE)
            asked = [
                key
                for key, department, kind in page
                if registered.may_ask_for((department, kind), ledger.said.entities_of(key))
            ]
            ledger.due.mark_new(subscription_id, asked)
            ledger.register.scanned(subscription_id, page[-1][0] if len(page) == PAGE else None)
    return found


def _with_receipts(
    ledger: Ledger, registered: Registered, policies: Policies, at: datetime
) -> Registered:
    """Suspend a feed whose receipts are overdue, and let it go on once none is (R-24).

    So is one whose subscriber fetches, and lets corrections wait for as long.
    """
    standing = registered.standing
    if standing.suspended_for not in (None, OVERDUE):
        return registered
    subscription_id = registered.subscription.subscription_id
    late = ledger.held.overdue(subscription_id, int(at.timestamp() * 1_000_000))
    reason = OVERDUE if late or lets_wait(ledger, registered, policies, at) else None
    if reason == standing.suspended_for:
        return registered
    standing = standing.model_copy(update={"suspended_for": reason})
    ledger.register.stand(subscription_id, standing)
    return registered._replace(standing=standing)


def _seen(registered: Registered, policies: Policies, at: datetime) -> str:
    """Name everything but the records that decides what is told."""
    state = state_at(registered.subscription, registered.standing, at)
    if state is State.ENDED:
        return OVER
    recipient = registered.subscription.request().recipient
    agreements = sorted(f"{each.id}@{each.digest}" for each in policies.agreements(recipient, at))
    word = "open" if state in _OPEN else state.value
    return f"{word}|{' '.join(agreements)}"


def _look_again(ledger: Ledger, subscription_id: str, registered: Registered, seen: str) -> None:
    watched = registered.subscription.selector.watched
    ledger.register.watch(subscription_id, filter(None, map(ledger.said.entity_of, watched)))
    ledger.register.look_again(subscription_id, seen)
    if seen == OVER:
        ledger.register.scanned(subscription_id, None)
    ledger.due.mark_held(subscription_id)


def _show(ledger: Ledger, at: datetime) -> None:
    found = ledger.register.all()
    states = Counter(state_at(each.subscription, each.standing, at) for each in found.values())
    for state in State:
        FEED_SUBSCRIPTIONS.labels(state=state.value).set(states[state])
    suspended = Counter(each.standing.suspended_for for each in found.values())
    for reason in _WHY_SUSPENDED:
        FEED_SUSPENDED_SUBSCRIPTIONS.labels(reason=reason).set(suspended[reason])
    FEED_SUSPENDED_SUBSCRIPTIONS.labels(reason=UNREADABLE).set(len(ledger.register.unreadable()))
    sent_to = [each for each, to in found.items() if to.subscription.channel.kind != Poll.kind]
    FEED_RECORDS_DUE.set(sum(map(ledger.due.count, sent_to)))
    now_us = int(at.timestamp() * 1_000_000)
    FEED_RECEIPTS_OVERDUE.set(sum(ledger.held.overdue(each, now_us) for each in found))
