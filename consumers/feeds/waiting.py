"""Whether a subscriber that fetches lets corrections wait for longer than a receipt may take.

Nothing is sent to it, so no receipt can be overdue while it does not ask; it is suspended all the
same (R-24), and goes on by itself once it has fetched and acknowledged.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from consumers.feeds.channels.poll import Poll
from consumers.feeds.ledger.due import URGENT, Due
from consumers.feeds.ledger.ledger import Ledger
from consumers.feeds.ledger.register import Registered
from consumers.feeds.looking import Case, look
from recordbus.policy import Policies

_HOUR_US: Final = 3_600_000_000
_MOST_LOOKED_AT: Final = 1000


def lets_wait(ledger: Ledger, registered: Registered, policies: Policies, at: datetime) -> bool:
    """Note since when corrections wait, and tell whether that is too long, in a transaction.

    What waits is looked at only when it seems too long: until then a record that somebody said
    again may be counted though there is nothing to tell.
    """
    subscription = registered.subscription
    if subscription.channel.kind != Poll.kind:
        return False
    subscription_id, now_us = subscription.subscription_id, int(at.timestamp() * 1_000_000)
    place = ledger.fetched.place(subscription_id)
    since = place.waits_since_us
    if not ledger.fetched.urgent(subscription_id):
        since = None
    elif since is None:
        since = now_us
    if since != place.waits_since_us:
        ledger.fetched.put(subscription_id, place._replace(waits_since_us=since))
    if since is None or now_us - since < subscription.receipt_hours * _HOUR_US:
        return False
    return _is_anything_to_tell(ledger, registered, policies, at)


def _is_anything_to_tell(
    ledger: Ledger, registered: Registered, policies: Policies, at: datetime
) -> bool:
    """Take off what has become nothing, until there is something."""
    subscription = registered.subscription
    subscription_id = subscription.subscription_id
    case = Case(subscription, registered.standing, registered.entities, policies, at)
    for each in ledger.fetched.next(subscription_id, int(at.timestamp() * 1e6), _MOST_LOOKED_AT):
        if each.urgency != URGENT:
            break
        copies = ledger.held.copies(subscription_id, [each.record_key]).get(each.record_key, {})
        if look(case, ledger.said.presence(each.record_key), copies):
            return True
        ledger.due.done(subscription_id, [Due(each.record_key, each.place, 0)])
    return False
