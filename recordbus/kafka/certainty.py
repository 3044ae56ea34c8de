"""Tells messages that are written from those that librdkafka only takes for written.

A broker accepts whatever a producer sends first to a partition, also its second batch. Where the
first was refused for a moment, since the partition was just made or changes its leader, librdkafka
concludes from the second's success that the first is there as well, and reports messages as
delivered that no log holds (confluentinc/confluent-kafka-go issue 921). What gives them away: it
cannot say where they are. Invariant: a message without an offset does not count as written. Once
one has an offset, the broker itself refuses a gap after it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from confluent_kafka import KafkaError, Message

Report = Callable[[KafkaError | None, Message], None]

_BELIEVED_SECONDS: Final = 3600.0  # a broker forgets after a day without a write who wrote


def is_certain(message: Message) -> bool:
    """Tell of a message that was reported as delivered whether it has a place in its log."""
    offset = message.offset()
    return offset is not None and offset >= 0


class Certainty:
    """Asks for reports of one producer's messages until each of its partitions has a certain one.

    `renew` is called now and then with the time on the monotonic clock, in seconds. `awaited`
    counts the reports that were asked for and did not come yet; whoever asks counts up.
    """

    def __init__(self) -> None:
        self.awaited = 0
        self.missing = ""
        self._certain: dict[str, set[int]] = {}
        self._until_seconds = 0.0

    def renew(self, now_seconds: float) -> None:
        """Begin anew from time to time: a broker's memory of a producer ends."""
        if now_seconds >= self._until_seconds:
            self._until_seconds = now_seconds + _BELIEVED_SECONDS
            self._certain.clear()

    def report_for(self, topic: str, partition: int) -> Report | None:
        """Give whom a message has to be reported to; None where that is not needed any more.

        Where the partition follows from the key (-1), every message is reported.
        """
        if partition in self._certain.get(topic, ()):
            return None
        return self._report

    def _report(self, error: KafkaError | None, message: Message) -> None:
        self.awaited -= 1
        if error is not None:
            return  # the transaction fails by itself
        topic, partition = message.topic() or "", message.partition()
        if not is_certain(message):
            self.missing = f"{topic}/{partition}"
        elif partition is not None:
            self._certain.setdefault(topic, set()).add(partition)
