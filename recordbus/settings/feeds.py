"""The settings of feeds: where the ledger is, and how this bus names itself to subscribers."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from recordbus.settings.doors import PortalSettings
from recordbus.settings.fields import Group, setting


class FeedSettings(Group):
    """Where it is kept what subscribers hold, and how they are told."""

    enabled: bool = setting(
        False,
        "Whether `recordbus up` runs the feeds; `recordbus feeds run` does so by itself.",
        example="true",
    )
    ledger: Path | None = setting(
        None,
        "The ledger of feeds; `feeds/ledger.sqlite` in the run directory when unset. What "
        "subscribers hold is known nowhere else: copy it with every backup.",
        example="/var/lib/recordbus/feeds.sqlite",
    )
    webhook_keys_directory: Path | None = setting(
        None,
        "The keys that messages to webhooks are signed with, a folder a subscription; "
        "`feeds/webhook-keys` in the run directory when unset. Copy it with every backup.",
        example="/etc/recordbus/webhook-keys",
    )
    allow_loopback: bool = setting(
        False,
        "Whether a webhook may be on this machine, also without TLS: for trying things out.",
        example="false",
    )
    source: str = setting(
        "urn:recordbus:local",
        "The URI by which subscribers know this bus; the `source` of every message.",
        example="https://bus.harbor-county.example",
        min_length=1,
        max_length=200,
    )
    schedule_scale: float = setting(
        1.0,
        "Stretches or shortens the waits between attempts at a subscriber that is away.",
        example="1",
        gt=0,
        le=100,
    )
    portal: PortalSettings = Field(default_factory=PortalSettings)
