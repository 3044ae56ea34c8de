"""What upkeep asks of intake: to tell the time, and to erase the markers of a removal (pure).

Invariant: a marker is erased only while it is the last word of its record, so a request that comes
late or twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recordbus.avro.reader import EPOCH, MICROSECOND
from recordbus.errors import Rejected
from streams.intake.decode import GuardedDecoder
from streams.intake.offers import Offers
from streams.intake.state import RecordState
from streams.intake.topics import QUARANTINE, RECORDS, VERIFICATIONS
from streams.runtime.contract import Handled, Input, Output


class Requests:
    """Answers the topic of upkeep."""

    def __init__(self, decoder: GuardedDecoder, offers: Offers) -> None:
        self._decoder = decoder
        self._offers = offers

    def tick(self, message: Input, key: bytes) -> Handled:
        """Tell the time to whoever needs it, and write where a closed segment is needed.

        Quarantine may rest for months, and what was erased goes with a closed segment only.
        """
        at = self._asked(message)["at"]
        outputs = [
            Output(RECORDS, key, None, message.partition),
            Output(VERIFICATIONS, key, None, message.partition),
            Output(QUARANTINE, key, None),
        ]
        outputs += self._offers.tick(message.partition, key, at)
        state = str((at - EPOCH) // MICROSECOND).encode()
        return Handled(state=state, outputs=outputs, outcome="tick")

    def tombstone(self, message: Input, known: RecordState) -> Handled:
        """Erase a removal's markers when they are still the record's last word."""
        asked = self._asked(message)
        removed = known.status not in ("", "live") and not known.tombstoned
        if asked["kind"] != "tombstone" or not removed or asked["version"] != known.version:
            return Handled(outcome="upkeep_ignored")
        key, partition = message.key or b"", message.partition
        outputs = [Output(RECORDS, key, None, partition)]
        outputs += self._offers.tombstones(partition, key, known)
        if known.unasked:
            outputs.append(Output(VERIFICATIONS, key, None, partition))
        state = known._replace(tombstoned=True, marked=(), unasked=False).encode()
        return Handled(state=state, outputs=outputs, outcome="tombstoned")

    def _asked(self, message: Input) -> Mapping[str, Any]:
        if message.value is None:
            raise Rejected("tombstone_from_publisher", "the message has no value")
        return self._decoder.decode(message.topic, message.value).value
