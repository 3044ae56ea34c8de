"""The settings of feeds: where the ledger is, and how this bus names itself to subscribers."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from recordbus.settings.groups import Group, Port, setting


class PortalSettings(Group):
    """The door through which subscribing agencies fetch, receipt, compare and ask again."""

    host: str = setting(
        "127.0.0.1",
        "Address to listen on; any other than loopback needs TLS, here or before it.",
        example="::",
    )
    port: Port = setting(
        8481, "Port to listen on; 0 takes any free one and prints it.", example="8481"
    )
    tls_certificate: Path | None = setting(
        None, "PEM file of the certificate, with its chain.", example="/etc/recordbus/portal.pem"
    )
    tls_key: Path | None = setting(
        None, "PEM file of that certificate's key.", example="/etc/recordbus/portal.key"
    )
    behind_tls_proxy: bool = setting(
        False,
        "Whether a proxy before it ends TLS, so that it may listen in plain beyond loopback.",
        example="true",
    )
    audience: str = setting(
        "recordbus-portal", "Whom tokens must be for: their `aud`.", example="recordbus-portal"
    )
    body_bytes: int = setting(
        4_194_304, "The largest body of a request.", example="4194304", ge=1024, le=67_108_864
    )
    head_seconds: float = setting(
        10.0, "How long the head of a request may take to arrive.", example="10", gt=0, le=300
    )
    body_seconds: float = setting(
        30.0, "How long the body of a request may take to arrive.", example="30", gt=0, le=600
    )
    requests_per_second: float = setting(
        5.0, "How many requests a second an agency may make, over time.", example="5", gt=0
    )
    burst_requests: int = setting(
        100, "How many requests an agency may make at once.", example="100", ge=1
    )
    answer_bytes: int = setting(
        8_388_608,
        "The size after which an answer takes no more messages; one always fits.",
        example="8388608",
        ge=1024,
        le=268_435_456,
    )
    messages_per_day: int = setting(
        50_000,
        "How much that is new to it a subscription may fetch in a day (UTC). Corrections and "
        "retractions are not counted and never held back.",
        example="50000",
        ge=1,
    )
    resend_per_day: int = setting(
        1000,
        "How many messages a subscription may have sent again in a day (UTC) without the operator.",
        example="1000",
        ge=0,
    )
    stale_seconds: float = setting(
        60.0,
        "After how long without a sign of the feeds nothing is handed out: what was expunged "
        "meanwhile would not be known.",
        example="60",
        gt=0,
        le=86_400,
    )
    show_documentation: bool = setting(
        False, "Whether the portal shows its OpenAPI document.", example="true"
    )


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
