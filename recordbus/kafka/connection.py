"""How to reach a Kafka cluster, as one value that every client is built from.

The password never shows in a repr, and librdkafka's own log lines go to one logger
instead of the terminal.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from recordbus.errors import Misconfigured, Retryable

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import SecretStr

    from recordbus.settings import KafkaSettings

CLIENT_LOG = logging.getLogger("recordbus.kafka.client")
CLIENT_LOG.addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Connection:
    """A cluster's address and credentials."""

    bootstrap_servers: str
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str | None = None
    sasl_username: str | None = None
    sasl_password: str | None = field(default=None, repr=False)
    ssl_ca_location: str | None = None
    ssl_certificate_location: str | None = None
    ssl_key_location: str | None = None
    ssl_key_password: str | None = field(default=None, repr=False)
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
            ssl_ca_location=_text(settings.ssl_ca_location),
            ssl_certificate_location=_text(settings.ssl_certificate_location),
            ssl_key_location=_text(settings.ssl_key_location),
            ssl_key_password=_plain(settings.ssl_key_password),
            client_id=client_id,
        )

    def client_config(self) -> dict[str, Any]:
        """Give the librdkafka keys that every client shares."""
        config: dict[str, Any] = {
            "bootstrap.servers": self.bootstrap_servers,
            "client.id": self.client_id,
            "security.protocol": self.security_protocol,
            "socket.nagle.disable": True,
            # How long a topic may be unknown before it counts as missing.
            "topic.metadata.propagation.max.ms": 5000,
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
            "ssl.certificate.location": self.ssl_certificate_location,
            "ssl.key.location": self.ssl_key_location,
            "ssl.key.password": self.ssl_key_password,
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


def _plain(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
