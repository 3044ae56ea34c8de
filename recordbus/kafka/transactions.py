"""One transaction per batch, with the fence that lets only the newest owner write.

`init` takes the transactional id over: whoever held it before can no longer commit, and
learns it as TransactionFailed. A failed transaction is never patched up here: its owner
ends the task unacknowledged and starts again from what was committed. So does one of which
nobody knows whether all of it was written.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from confluent_kafka import KafkaError, KafkaException, Producer

from recordbus.errors import Rejected, Retryable
from recordbus.kafka.certainty import Certainty
from recordbus.kafka.connection import Connection
from recordbus.kafka.failures import FENCED
from recordbus.kafka.sending import WRITING, Headers, refusal, wait_for_room


class TransactionFailed(Retryable):
    """The transaction did not commit; `fenced` tells whether a newer owner has taken over."""

    def __init__(self, message: str, *, fenced: bool) -> None:
        hint = "a newer owner writes now; end this one" if fenced else "start again from the log"
        super().__init__(message, hint=hint)
        self.fenced = fenced


class TransactionalProducer:
    """The writer of one (stage, input partition); used by one thread at a time."""

    def __init__(
        self,
        connection: Connection,
        transactional_id: str,
        timeout_ms: int = 10_000,
        *,
        linger_ms: float = 5,
        call_timeout_seconds: float = 30.0,
    ) -> None:
        self.transactional_id = transactional_id
        self._patience_seconds = call_timeout_seconds
        self._certainty = Certainty()
        self._producer = Producer(
            connection.client_config()
            | WRITING
            | {
                "transactional.id": transactional_id,
                "transaction.timeout.ms": timeout_ms,
                "linger.ms": linger_ms,
                "queue.buffering.max.messages": 500_000,
            }
        )

    def init(self) -> None:
        """Fence every earlier owner of the transactional id and roll its open work back."""
        with self._step("fencing the earlier owner"):
            self._producer.init_transactions(self._patience_seconds)

    def begin(self) -> None:
        """Open a transaction."""
        self._certainty.renew(time.monotonic())
        with self._step("beginning a transaction"):
            self._producer.begin_transaction()

    def produce(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int = -1,
        headers: Headers | None = None,
        timestamp_ms: int | None = None,
    ) -> None:
        """Add one message to the open transaction.

        Raises Rejected `too_large` at once; the transaction stays usable without the message.
        """
        deadline = 0.0
        report = self._certainty.report_for(topic, partition)
        stamp = 0 if timestamp_ms is None else timestamp_ms  # 0 lets librdkafka take the clock
        while True:
            try:
                self._producer.produce(
                    topic,
                    value,
                    key,
                    partition,
                    report,
                    timestamp=stamp,
                    headers=list(headers) if headers else None,
                )
                self._certainty.awaited += report is not None
                return
            except BufferError:
                deadline = deadline or time.monotonic() + self._patience_seconds
                wait_for_room(self._producer, topic, deadline)
            except KafkaException as error:
                raise self._unqueued(error, topic, len(value or b"")) from error

    def commit(self) -> None:
        """Wait until all of the transaction is durable and visible, or none of it is."""
        with self._step("committing a transaction"):
            if self._certainty.awaited:
                self._require_all_written()
            self._producer.commit_transaction(self._patience_seconds)

    def abort(self) -> None:
        """Drop the open transaction; its messages are never seen by read_committed readers."""
        with self._step("aborting a transaction"):
            self._producer.abort_transaction(self._patience_seconds)

    def close(self) -> None:
        """Drop what is queued, without committing anything."""
        # A fenced producer refuses even this; there is nothing left of it to drop.
        with suppress(KafkaException):
            self._producer.purge()
            self._producer.poll(0)

    def _require_all_written(self) -> None:
        self._producer.flush(self._patience_seconds)
        certainty = self._certainty
        if certainty.missing or certainty.awaited:
            raise TransactionFailed(
                f"no log is known to hold all that {self.transactional_id} wrote"
                f" {certainty.missing}".rstrip(),
                fenced=False,
            )

    @contextmanager
    def _step(self, doing: str) -> Iterator[None]:
        try:
            yield
        except KafkaException as error:
            raise self._failed(error.args[0], doing) from error

    def _unqueued(self, error: KafkaException, topic: str, size_bytes: int) -> Exception:
        cause = refusal(error, topic, size_bytes)
        return cause if isinstance(cause, Rejected) else self._failed(error.args[0], "writing")

    def _failed(self, error: KafkaError, doing: str) -> TransactionFailed:
        return TransactionFailed(
            f"Kafka failed while {doing} of {self.transactional_id}: {error.name()} {error.str()}",
            fenced=error.code() in FENCED,
        )
