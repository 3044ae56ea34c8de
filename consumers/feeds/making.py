"""Makes the channel that a subscription asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from pydantic import BaseModel, ValidationError

from consumers.feeds.channels import file_drop, poll, sftp_drop, topic, webhook
from consumers.feeds.channels.interface import Channel
from consumers.feeds.channels.surroundings import Surroundings
from consumers.feeds.subscription import Subscription
from recordbus.errors import Misconfigured
from schemas.errors import CatalogError


class Kind(Protocol):
    """A kind of channel: what a subscription may say of it, and how one is made."""

    @property
    def Options(self) -> type[BaseModel]:  # noqa: N802 - it is a class
        """What a subscription may say of it."""

    def make(self, options: Any, subscription: Subscription, around: Surroundings) -> Channel:
        """Make a channel, without reaching the subscriber yet; raises Misconfigured."""


KINDS: Final[Mapping[str, Kind]] = {
    "file_drop": file_drop, "poll": poll, "sftp_drop": sftp_drop, "topic": topic,
    "webhook": webhook,
}  # fmt: skip


class Channels:
    """Gives each subscription its channel, made when it is first asked for."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
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
        asked = subscription.channel
        kind = KINDS.get(asked.kind)
        if kind is None:
            raise Misconfigured(
                f"there is no channel {asked.kind!r}", hint=f"use one of: {', '.join(KINDS)}"
            )
        try:
            options = kind.Options.model_validate(asked.options)
        except ValidationError as error:
            fault = error.errors()[0]
            where = ".".join(map(str, fault["loc"]))
            known = ", ".join(kind.Options.model_fields)
            raise Misconfigured(
                f"channel.{where}: {fault['msg']}", hint=f"a {asked.kind} has: {known}"
            ) from error
        try:
            return kind.make(options, subscription, self._around)
        except CatalogError as error:
            raise Misconfigured(f"channel: {error}", hint="another agency, or channel") from error
