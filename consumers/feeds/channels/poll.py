"""The subscriber fetches: nothing is sent, and nothing waits anywhere for it to be fetched.

What is due to it is worked out when it asks, by `consumers.feeds.portal`, so that nothing which was
expunged or restricted meanwhile can lie in a mailbox, and nothing is decided before it is handed
over.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from consumers.feeds.channels.interface import Outcome, Parcel, Result
from consumers.feeds.channels.surroundings import Surroundings
from consumers.feeds.subscription import Subscription


class Options(BaseModel):
    """Nothing is to be said of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Poll:
    """A channel that takes no parcels, which tells the dispatcher to leave its subscriber alone."""

    kind = "poll"
    most_parcels = 0

    def deliver(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Deliver nothing: a parcel leaves when it is asked for, as what it then is."""
        return [Outcome(Result.LATER, "to_be_fetched")] * len(parcels)

    def close(self) -> None:
        """Nothing is open."""


def make(_options: Options, _subscription: Subscription, _around: Surroundings) -> Poll:
    """Make the channel of a subscription."""
    return Poll()
