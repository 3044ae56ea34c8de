"""Makes the channel that a subscription asks for."""

from __future__ import annotations

from typing import Final

from pydantic import ValidationError

from consumers.feeds.channels.file_drop import FileDrop, FileDropOptions
from consumers.feeds.channels.interface import Channel
from consumers.feeds.subscription import Subscription
from recordbus.clock import Clock
from recordbus.errors import Misconfigured

KINDS: Final = (FileDrop.kind,)


class Channels:
    """Gives each subscription its channel, made when it is first asked for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._made: dict[str, Channel] = {}

    def of(self, subscription: Subscription) -> Channel:
        """Give a subscription's channel; raises Misconfigured for settings it does not take."""
        found = self._made.get(subscription.subscription_id)
        if found is None:
            found = self._made[subscription.subscription_id] = self._make(subscription)
        return found

    def close(self) -> None:
        """Let all channels go."""
        for channel in self._made.values():
            channel.close()

    def _make(self, subscription: Subscription) -> Channel:
        if subscription.channel.kind != FileDrop.kind:
            raise Misconfigured(
                f"there is no channel {subscription.channel.kind!r}",
                hint=f"use one of: {', '.join(KINDS)}",
            )
        try:
            options = FileDropOptions.model_validate(subscription.channel.options)
        except ValidationError as error:
            fault = error.errors()[0]
            where = ".".join(map(str, fault["loc"]))
            raise Misconfigured(
                f"channel.{where}: {fault['msg']}", hint="a file_drop has: folder, most_records"
            ) from error
        return FileDrop(options, subscription.agency_ori, self._clock)
