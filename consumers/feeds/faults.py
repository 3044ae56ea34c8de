"""What is wrong with one subscription's own channel: told to the operator, and to nobody's harm.

Invariant: a channel that cannot be made stops its own subscription and no other one. Nothing of
what is due to it is forgotten: it goes on with all of it once somebody resumes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from consumers.feeds.channels.interface import Channel
from consumers.feeds.ledger.ledger import Ledger
from consumers.feeds.ledger.register import Registered
from recordbus import logs
from recordbus.errors import Misconfigured
from recordbus.metrics import FEED_CHANNEL_FAULTS_TOTAL

UNUSABLE: Final = "channel_unusable"
CHANNEL_FAILED: Final = "channel_failed"
OURS_TO_MEND: Final = frozenset(
    {CHANNEL_FAILED, "no_key", "key_unreadable", "key_unusable", "password_unusable",
     "address_refused", "not_prepared", "topic_unusable"}
)  # fmt: skip
"""Outcomes that no subscriber can do anything about; they end by themselves once it is mended."""
_log = logs.logger(__name__)


class Usable:
    """Gives channels to the dispatcher, and sets aside subscriptions that have none."""

    def __init__(self, ledger: Ledger, channels: Callable[[Registered], Channel]) -> None:
        """`channels` raises Misconfigured for a channel that cannot be made."""
        self._ledger, self._channels = ledger, channels

    def of(self, registered: Registered) -> Channel | None:
        """Give a channel within a transaction; None, and it is suspended, when there is none."""
        try:
            return self._channels(registered)
        except Misconfigured as error:
            self._suspend(registered, error)
            return None

    def _suspend(self, registered: Registered, error: Misconfigured) -> None:
        subscription = registered.subscription
        FEED_CHANNEL_FAULTS_TOTAL.labels(channel=subscription.channel.kind, code=UNUSABLE).inc()
        _log.error(
            "a subscription is suspended, for its channel cannot be made; the others go on. Mend "
            "what the message names and run: recordbus feeds resume, or stop it and register anew",
            subscription=subscription.subscription_id, reason=UNUSABLE, exc_info=error,
        )  # fmt: skip
        standing = registered.standing.model_copy(update={"suspended_for": UNUSABLE})
        self._ledger.register.stand(subscription.subscription_id, standing)


def tell_failure(subscription_id: str, channel: str, code: str) -> None:
    """Count and log why a subscriber got nothing: an error where only the operator can mend it."""
    if code not in OURS_TO_MEND:
        _log.warning("a subscriber was not reached", subscription=subscription_id, reason=code)
        return
    FEED_CHANNEL_FAULTS_TOTAL.labels(channel=channel, code=code).inc()
    _log.error(
        "a subscription is sent nothing until what the reason names is mended here; the others go "
        "on, and it is tried again by itself",
        subscription=subscription_id, reason=code,
    )  # fmt: skip
