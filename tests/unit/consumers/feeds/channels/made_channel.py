"""Makes a channel as the worker does: from what a subscription says, through the closed list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from consumers.feeds.channels.interface import Channel
from consumers.feeds.channels.surroundings import Surroundings
from consumers.feeds.making import Channels
from recordbus.clock import Clock
from recordbus.settings import Settings
from tests.unit.consumers.feeds import bus as made


def channel_of(
    kind: str, options: dict[str, Any], clock: Clock, settings: Settings, **around: Any
) -> Channel:
    """Give the channel of a subscription with these options; `around` is more of the bus."""
    subscription = made.subscription(channel={"kind": kind} | options)
    return Channels(Surroundings(clock, settings, **around)).of(subscription)


def settings_in(folder: Path, **feeds: Any) -> Settings:
    """Give settings whose run directory is a folder, with these of the group of feeds."""
    return Settings.model_validate({"run_directory": folder, "feeds": feeds})
