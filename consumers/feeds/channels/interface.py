"""What a channel promises: parcels in, an outcome for each out, and never an exception."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Final, NamedTuple, Protocol, runtime_checkable

from consumers.feeds.envelope import Delivery


class Result(Enum):
    """What became of a parcel. All but `delivered` leave it with us."""

    DELIVERED = "delivered"
    LATER = "later"
    """The subscriber is away or asks for a pause: nothing at all is sent to it for a while."""
    REFUSED = "refused"
    """The subscriber will not have this one parcel: it is tried again, the others go on."""
    GONE = "gone"
    """The subscriber is there no more: nothing is sent until somebody registers it anew."""


class Parcel(NamedTuple):
    """All that is to be told of one record at once, in order.

    `record_key` is whose; parcels of one record never overtake each other.
    """

    subscription_id: str
    record_key: str
    deliveries: tuple[Delivery, ...]


class Outcome(NamedTuple):
    """What became of a parcel; `code` says why, `wait_seconds` what the subscriber asked for."""

    result: Result
    code: str = ""
    wait_seconds: float | None = None


DELIVERED: Final = Outcome(Result.DELIVERED)


class Channel(Protocol):
    """One subscriber's channel. Used by one thread at a time.

    A parcel that is answered with `delivered` is durable at the subscriber's side; any other
    answer promises nothing, so the same parcel may come again, under the same ids. A channel whose
    `most_parcels` is 0 is sent nothing: its subscriber fetches.
    """

    kind: str
    most_parcels: int

    def deliver(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Deliver parcels in order; give as many outcomes. Trouble is an outcome, not raised."""

    def close(self) -> None:
        """Let go of what is open; safe to call twice."""


@runtime_checkable
class Checkable(Protocol):
    """A channel that can tell, before anything is sent, whether its subscriber may be reached."""

    def check(self) -> None:
        """Check what a subscription says of its channel; raises Misconfigured saying what to do.

        Done when a subscription is registered. It reaches for addresses and files at most, and a
        channel checks whatever may change again whenever it delivers.
        """
