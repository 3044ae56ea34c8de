"""What a dying server's last words mean for the operator."""

from __future__ import annotations

from pathlib import Path

import pytest

from recordbus.errors import Misconfigured, RecordbusError, Retryable
from recordbus.local.failures import did_not_start, not_ready

LOG = Path("/run/logs/kafka.log")


@pytest.mark.parametrize(
    ("words", "kind", "says"),
    [
        ("Socket server failed to bind: Address already in use", Misconfigured, "already used"),
        ("java.io.IOException: No space left on device", Misconfigured, "disk .* is full"),
        ("KafkaException: Failed to acquire lock on file .lock", Misconfigured, "same data"),
        ("java.io.FileNotFoundException: x (Permission denied)", Misconfigured, "may not write"),
        ("java.lang.OutOfMemoryError: Java heap space", Misconfigured, "out of memory"),
        ("Error: Could not find or load main class kafka.Kafka", Misconfigured, "cache are broken"),
        ("something nobody has seen", Retryable, "something nobody has seen"),
    ],
)
def test_the_cause_is_named_with_its_log(words: str, kind: type[RecordbusError], says: str) -> None:
    error = did_not_start("kafka", 1, LOG, f"line before\n{words}\nline after")

    assert type(error) is kind
    assert str(LOG) in str(error)
    with pytest.raises(kind, match=says):
        raise error


def test_a_slow_start_is_retryable() -> None:
    assert "after 60 s" in not_ready("kafka", 60.2, LOG).message
