"""What a channel brings to the contract suite: itself, and the subscriber at its other end.

A channel joins with one line in `SIDES`; `test_contract.py` then holds it to what
`consumers/feeds/channels/interface.py` promises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import pytest

from consumers.feeds.channels.interface import Channel, Parcel
from consumers.feeds.difference import Message, Reason, Status
from consumers.feeds.envelope import Delivery, delivery
from consumers.feeds.view import view_of
from tests.unit.consumers.feeds import bus as made
from tests.unit.consumers.feeds.channels import (
    file_drop_side,
    sftp_drop_side,
    topic_side,
    webhook_side,
)


class Side(Protocol):
    """A channel with its subscriber, who can be away.

    The channel is to be made by `channel_of`, so that what a subscription says of it is checked.
    """

    @property
    def channel(self) -> Channel:
        """Give the channel, the same one until `close`."""

    def arrived(self) -> list[bytes]:
        """Give the messages that are durable at the subscriber, in the order they came in.

        Read anew from where they would stand after a power cut. One that came twice may stand
        twice or once.
        """

    def go_away(self) -> None:
        """Let the subscriber be out of reach from now on."""

    def come_back(self) -> None:
        """Let the subscriber be there again."""

    def close(self) -> None:
        """Let go of both ends; the channel was closed before."""


class Opening(NamedTuple):
    """How a side is opened, given a folder of its own, and what pytest marks its tests with."""

    side: Callable[[Path, pytest.FixtureRequest], Side]
    marks: Sequence[pytest.MarkDecorator] = ()


SIDES: Final[Mapping[str, Opening]] = {
    "file_drop": Opening(file_drop_side.FileDropSide),
    "sftp_drop": Opening(sftp_drop_side.SftpDropSide),
    "topic": Opening(topic_side.TopicSide),
    "webhook": Opening(webhook_side.WebhookSide),
}
"""By kind. A side that needs a server takes its fixture from the request, and marks itself."""


def opened(kinds: Iterable[str] = SIDES) -> list[Any]:
    """Give the parameters of a test that is to run for each kind."""
    return [pytest.param(kind, marks=SIDES[kind].marks) for kind in kinds]


def told(number: int, sequence: int, narrative: str = "") -> Delivery:
    """Give a message about the record of a number: its content of this sequence."""
    subject = f"record/{made.record_key(number)}"
    content = made.record(number, sequence, narrative or f"as of {sequence}")
    status: Status = "asserted" if sequence == 1 else "changed"
    reason: Reason | None = None if sequence == 1 else "corrected"
    view = view_of(subject, "full", (), content)
    message = Message(subject, sequence, status, reason, sequence > 1, view)
    return delivery(made.subscription(), "urn:recordbus:test", message)


def parcel(number: int, *sequences: int, narrative: str = "") -> Parcel:
    """Give a parcel of the record of a number, with the messages of some sequences."""
    deliveries = tuple(told(number, each, narrative) for each in sequences or (1,))
    return Parcel("metro-1", made.record_key(number), deliveries)


def bodies(parcels: Iterable[Parcel]) -> list[bytes]:
    """Give the messages of parcels, in order."""
    return [each.body for parcel in parcels for each in parcel.deliveries]
