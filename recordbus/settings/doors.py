"""The settings of the doors over HTTP: what all of them share, and what each has of its own."""

from __future__ import annotations

from pathlib import Path

from recordbus.settings.fields import Group, Port, setting


class TokenSettings(Group):
    """What a token must say so that a door over HTTP believes it."""

    keys_file: Path | None = setting(
        None,
        "The public keys that tokens are checked with, as a JSON Web Key Set; `tokens/keys.json` "
        "in the run directory when unset.",
        example="/etc/recordbus/token-keys.json",
    )
    issuer: str = setting(
        "recordbus", "Who makes the tokens: their `iss`.", example="https://id.example.org"
    )
    max_seconds: int = setting(
        900, "How long a token may count, from `iat` to `exp`.", example="900", ge=1, le=3600
    )
    leeway_seconds: int = setting(5, "How far two clocks may be apart.", example="5", ge=0, le=60)


class DoorSettings(Group):
    """What every door over HTTP asks of an operator.

    A door that leaves out a setting which has no value here cannot be made.
    """

    enabled: bool
    host: str = setting(
        "127.0.0.1",
        "Address to listen on; any other than loopback needs TLS, here or before it.",
        example="::",
    )
    port: Port
    tls_certificate: Path | None
    tls_key: Path | None
    behind_tls_proxy: bool = setting(
        False,
        "Whether a proxy before it ends TLS, so that it may listen in plain beyond loopback.",
        example="true",
    )
    audience: str
    body_bytes: int
    head_seconds: float = setting(
        10.0, "How long the head of a request may take to arrive.", example="10", gt=0, le=300
    )
    body_seconds: float = setting(
        30.0, "How long the body of a request may take to arrive.", example="30", gt=0, le=600
    )
    show_documentation: bool


class GatewaySettings(DoorSettings):
    """The door through which departments push records over HTTP."""

    enabled: bool = setting(False, "Whether `recordbus up` runs the gateway too.", example="true")
    port: Port = setting(
        8480, "Port to listen on; 0 takes any free one and prints it.", example="8480"
    )
    tls_certificate: Path | None = setting(
        None, "PEM file of the certificate, with its chain.", example="/etc/recordbus/gateway.pem"
    )
    tls_key: Path | None = setting(
        None, "PEM file of that certificate's key.", example="/etc/recordbus/gateway.key"
    )
    audience: str = setting(
        "recordbus-gateway", "Whom tokens must be for: their `aud`.", example="recordbus-gateway"
    )
    body_bytes: int = setting(
        16_777_216, "The largest body of a request.", example="16777216", ge=1024, le=268_435_456
    )
    batch_records: int = setting(
        1000, "How many records a batch may hold.", example="1000", ge=1, le=10_000
    )
    ack_seconds: float = setting(
        10.0,
        "How long a request waits for Kafka to hold its records, before it is put off.",
        example="10",
        gt=0,
        le=120,
    )
    records_per_second: float = setting(
        500.0, "How many records a second a department may push, over time.", example="500", gt=0
    )
    burst_records: int = setting(
        10_000, "How many records a department may push at once.", example="10000", ge=1
    )
    waiting_records: int = setting(
        20_000,
        "How many records of a department may wait for Kafka before more are put off.",
        example="20000",
        ge=1,
    )
    remember_hours: float = setting(
        24.0, "How long an Idempotency-Key is remembered.", example="24", gt=0, le=720
    )
    remember_keys: int = setting(
        100_000,
        "How many Idempotency-Keys of a department are remembered; the oldest go first.",
        example="100000",
        ge=100,
    )
    show_documentation: bool = setting(
        False, "Whether the gateway shows its OpenAPI document.", example="true"
    )


class PortalSettings(DoorSettings):
    """The door through which subscribing agencies fetch, receipt, compare and ask again."""

    enabled: bool = setting(
        False,
        "Whether `recordbus up` runs the portal too; where no feeds run it hands nothing out.",
        example="true",
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
    audience: str = setting(
        "recordbus-portal", "Whom tokens must be for: their `aud`.", example="recordbus-portal"
    )
    body_bytes: int = setting(
        4_194_304, "The largest body of a request.", example="4194304", ge=1024, le=67_108_864
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
