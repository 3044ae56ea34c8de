"""Turns librdkafka's errors into the bus's error tree: what should the caller do?

One place decides, so that a missing topic is "apply the topics" everywhere and a
broker that is away is Retryable everywhere.
"""

from __future__ import annotations

from typing import Final

from confluent_kafka import KafkaError

from recordbus.errors import Misconfigured, RecordbusError, Retryable

# The underscore is librdkafka's own mark for "raised by the client"; these are its public codes.
PARTITION_EOF: Final[int] = KafkaError._PARTITION_EOF  # noqa: SLF001
FENCED: Final = frozenset(
    {
        KafkaError._FENCED,  # noqa: SLF001
        KafkaError.INVALID_PRODUCER_EPOCH,
        KafkaError.PRODUCER_FENCED,
    }
)
_NO_SUCH_TOPIC: Final = frozenset(
    {
        KafkaError._UNKNOWN_TOPIC,  # noqa: SLF001
        KafkaError._UNKNOWN_PARTITION,  # noqa: SLF001
        KafkaError.UNKNOWN_TOPIC_OR_PART,
    }
)
_NOT_ALLOWED: Final = frozenset(
    {
        KafkaError._AUTHENTICATION,  # noqa: SLF001
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
        KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
        KafkaError.SASL_AUTHENTICATION_FAILED,
    }
)


_WRONG_REQUEST: Final = frozenset(
    {
        KafkaError.POLICY_VIOLATION,
        KafkaError.INVALID_CONFIG,
        KafkaError.INVALID_PARTITIONS,
        KafkaError.INVALID_REPLICATION_FACTOR,
        KafkaError.INVALID_REQUEST,
        KafkaError.UNSUPPORTED_VERSION,
    }
)


def explain(error: KafkaError, doing: str) -> RecordbusError:
    """Give the error of our tree for `error`; `doing` completes "Kafka failed while ..."."""
    what = f"Kafka failed while {doing}: {error.name()} {error.str()}"
    if error.code() in _NO_SUCH_TOPIC:
        return Misconfigured(what, hint="create the topics with `recordbus topics apply`")
    if error.code() in _NOT_ALLOWED:
        return Misconfigured(what, hint="check this client's credentials and access rules")
    if error.code() in _WRONG_REQUEST:
        return Misconfigured(what, hint="the broker does not allow it; its log says why")
    return Retryable(what, hint="it may pass; `recordbus status` shows whether the broker is up")
