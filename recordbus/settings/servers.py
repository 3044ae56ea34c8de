"""The settings of the servers that every process reaches: the brokers and the registry."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import SecretStr, model_validator

from recordbus.settings.fields import Group, setting


class KafkaSettings(Group):
    """How every process reaches the brokers."""

    bootstrap_servers: str = setting(
        "127.0.0.1:9092",
        "Brokers to ask first, as host:port separated by commas.",
        example="kafka-1:9092,kafka-2:9092",
        min_length=1,
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = setting(
        "PLAINTEXT",
        "How connections are protected; PLAINTEXT is for the local default on loopback only.",
        example="SASL_SSL",
    )
    sasl_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] | None = setting(
        None, "How this process proves who it is, with SASL.", example="SCRAM-SHA-512"
    )
    sasl_username: str | None = setting(
        None, "The user this process is to the brokers.", example="intake"
    )
    sasl_password: SecretStr | None = setting(None, "That user's password.", example="the password")
    ssl_ca_location: Path | None = setting(
        None,
        "PEM file of the authorities to trust; the system's when unset.",
        example="/etc/recordbus/ca.pem",
    )
    ssl_certificate_location: Path | None = setting(
        None,
        "PEM file of this process's own certificate, for mutual TLS.",
        example="/etc/recordbus/client.pem",
    )
    ssl_key_location: Path | None = setting(
        None,
        "PEM file of the key of that certificate.",
        example="/etc/recordbus/client.key",
    )
    ssl_key_password: SecretStr | None = setting(
        None, "Password of that key file.", example="the password"
    )

    @model_validator(mode="after")
    def _sasl_is_complete(self) -> KafkaSettings:
        wanted = self.security_protocol.startswith("SASL")
        given = (self.sasl_mechanism, self.sasl_username, self.sasl_password)
        if wanted and any(value is None for value in given):
            raise ValueError(
                f"{self.security_protocol} needs sasl_mechanism, sasl_username and sasl_password"
            )
        return self


class RegistrySettings(Group):
    """How every process reaches the schema registry."""

    url: str = setting(
        "http://127.0.0.1:8081/apis/ccompat/v7",
        "Address of a Confluent-compatible registry; mock://name keeps one in memory for tests.",
        example="https://registry.example.org",
        pattern=r"^(https?|mock)://.+",
    )
    user: str | None = setting(
        None, "User for the registry's basic authentication.", example="intake"
    )
    password: SecretStr | None = setting(None, "That user's password.", example="the password")
    ca_location: Path | None = setting(
        None,
        "PEM file of the authorities to trust; the system's when unset.",
        example="/etc/recordbus/ca.pem",
    )
    timeout_seconds: float = setting(
        10.0, "How long one request may take.", example="10", gt=0, le=300
    )
