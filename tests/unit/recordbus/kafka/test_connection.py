"""A connection carries the settings to librdkafka, hides its secrets and explains errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from confluent_kafka import KafkaError
from pydantic import SecretStr

from recordbus.errors import Misconfigured, RecordbusError, Retryable
from recordbus.kafka.connection import Connection
from recordbus.kafka.failures import explain
from recordbus.settings import KafkaSettings

SECURE = KafkaSettings(
    bootstrap_servers="k1:9093,k2:9093",
    security_protocol="SASL_SSL",
    sasl_mechanism="SCRAM-SHA-512",
    sasl_username="intake",
    sasl_password=SecretStr("s3cret"),
    ssl_ca_location=Path("/ca.pem"),
    ssl_key_password=SecretStr("k3y"),
)


def test_every_setting_reaches_the_client() -> None:
    config = Connection.from_settings(SECURE, client_id="me").client_config()

    assert config["bootstrap.servers"] == "k1:9093,k2:9093"
    assert config["security.protocol"] == "SASL_SSL"
    assert config["sasl.mechanism"] == "SCRAM-SHA-512"
    assert config["sasl.username"] == "intake"
    assert config["sasl.password"] == "s3cret"
    assert config["ssl.ca.location"] == "/ca.pem"
    assert config["ssl.key.password"] == "k3y"
    assert config["client.id"] == "me"


def test_secrets_are_not_shown() -> None:
    shown = repr(Connection.from_settings(SECURE))

    assert "s3cret" not in shown
    assert "k3y" not in shown


def test_what_is_not_set_is_left_to_the_library() -> None:
    config = Connection.from_settings(KafkaSettings()).client_config()

    assert not [key for key in config if key.startswith(("sasl.", "ssl."))]


@pytest.mark.parametrize(
    ("code", "kind", "says"),
    [
        (KafkaError._ALL_BROKERS_DOWN, Retryable, "recordbus status"),
        (KafkaError.UNKNOWN_TOPIC_OR_PART, Misconfigured, "topics apply"),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, Misconfigured, "access rules"),
        (KafkaError.POLICY_VIOLATION, Misconfigured, "does not allow"),
        (KafkaError.NOT_ENOUGH_REPLICAS, Retryable, "may pass"),
    ],
)
def test_an_error_of_the_broker_says_what_to_do(
    code: int, kind: type[RecordbusError], says: str
) -> None:
    error = explain(KafkaError(code), "trying")

    assert type(error) is kind
    assert "while trying" in error.message
    assert says in (error.hint or "")
