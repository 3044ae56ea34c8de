"""A webhook with its subscriber, for the contract suite: an endpoint on this machine."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from recordbus.testing.clock import ManualClock
from tests.unit.consumers.feeds.channels.made_channel import channel_of, settings_in
from tests.unit.consumers.feeds.channels.webhook.keyed import give_key
from tests.unit.consumers.feeds.channels.webhook.scripted import TAKEN, running, says


class WebhookSide:
    """An endpoint that has what it answers 2xx to."""

    def __init__(self, folder: Path, _request: pytest.FixtureRequest) -> None:
        self._opened = ExitStack()
        self._endpoint = self._opened.enter_context(running())
        settings = settings_in(folder, allow_loopback=True)
        give_key(settings)
        options = {"url": self._endpoint.url}
        self.channel = channel_of("webhook", options, ManualClock(), settings)
        self._lost: set[int] = set()
        self._since = 0

    def arrived(self) -> list[bytes]:
        """Give the bodies that were answered 2xx."""
        return [
            each.body for place, each in enumerate(self._endpoint.received)
            if place not in self._lost
        ]  # fmt: skip

    def go_away(self) -> None:
        """Answer that it is out of service, and take nothing in."""
        self._endpoint.otherwise = says(503)
        self._since = len(self._endpoint.received)

    def come_back(self) -> None:
        """Take in again."""
        self._lost |= set(range(self._since, len(self._endpoint.received)))
        self._endpoint.otherwise = TAKEN

    def close(self) -> None:
        """End the endpoint."""
        self._opened.close()
