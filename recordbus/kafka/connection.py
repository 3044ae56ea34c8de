"""How to reach a Kafka cluster, as one value that every client is built from.

The password never shows in a repr, and librdkafka's own log lines go to one logger
instead of the terminal.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any, Protocol

from recordbus.errors import Misconfigured, Retryable

CLIENT_LOG = logging.getLogger("recordbus.kafka.client")
CLIENT_LOG.addHandler(logging.NullHandler())


class _Secret(Protocol):
    def get_secret_value(self) -> str: ...


class KafkaSettings(Protocol):
    """The `kafka` group of the settings, as far as a connection needs it."""

    bootstrap_servers: str
    security_protocol: str
    sasl_mechanism: str | None
    sasl_username: str | None
    sasl_password: Any
    ssl_ca_location: Any


@dataclass(frozen=True, slots=True)
class Connection:
    """A cluster's address and credentials."""

    bootstrap_servers: str
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str | None = None
    sasl_username: str | None = None
    sasl_password: str | None = field(default=None, repr=False)
    ssl_ca_location: str | None = None
    client_id: str = "recordbus"

    @classmethod
    def from_settings(cls, settings: KafkaSettings, client_id: str = "recordbus") -> Connection:
        """Take the settings group `kafka`; a secret is unwrapped here and nowhere else."""
        return cls(
            bootstrap_servers=settings.bootstrap_servers,
            security_protocol=settings.security_protocol,
            sasl_mechanism=settings.sasl_mechanism,
            sasl_username=settings.sasl_username,
            sasl_password=_plain(settings.sasl_password),
            ssl_ca_location=str(settings.ssl_ca_location) if settings.ssl_ca_location else None,
            client_id=client_id,
        )

    def client_config(self) -> dict[str, Any]:
        """Give the librdkafka keys that every client shares."""
        config: dict[str, Any] = {
            "bootstrap.servers": self.bootstrap_servers,
            "client.id": self.client_id,
            "security.protocol": self.security_protocol,
            "socket.nagle.disable": True,
            "reconnect.backoff.ms": 50,
            "reconnect.backoff.max.ms": 1000,
            "logger": CLIENT_LOG,
        }
        return config | self._credentials()

    def _credentials(self) -> dict[str, Any]:
        optional = {
            "sasl.mechanism": self.sasl_mechanism,
            "sasl.username": self.sasl_username,
            "sasl.password": self.sasl_password,
            "ssl.ca.location": self.ssl_ca_location,
        }
        return {key: value for key, value in optional.items() if value}

    def unreachable(self, doing: str) -> Retryable:
        """Say that the cluster did not answer while `doing` something."""
        return Retryable(
            f"Kafka at {self.bootstrap_servers} did not answer while {doing}",
            hint="check that it is up (`recordbus status`) and RECORDBUS_KAFKA__BOOTSTRAP_SERVERS",
        )

    def refused(self, doing: str, why: str) -> Misconfigured:
        """Say that the cluster refused `doing` something for a reason that will not pass."""
        return Misconfigured(
            f"Kafka at {self.bootstrap_servers} refused {doing}: {why}",
            hint="check the credentials and access rules of this client in the settings `kafka`",
        )


def _plain(secret: _Secret | str | None) -> str | None:
    if secret is None or isinstance(secret, str):
        return secret
    return secret.get_secret_value()
