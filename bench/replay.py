"""One machine alone, fed message by message as the runtime does."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from streams.collector import Collector
from streams.runtime.contract import Input, Machine

TENDED: Final = 200
"""Messages after which garbage is looked for: a worker does so about as often."""
Entry = tuple[bytes, bytes]
"""A message's key and value."""


class Replay:
    """Feeds a machine messages of one topic that came at one moment; values are kept here.

    What `collector` costs is the machine's cost.
    """

    def __init__(
        self, machine: Machine, topic: str, collector: Collector, moment_ms: int = 0
    ) -> None:
        self.machine = machine
        self.values: dict[bytes, bytes] = {}
        self.said = 0
        self._topic = topic
        self._collector = collector
        self._moment_ms = moment_ms

    def feed(self, given: Sequence[Entry]) -> float:
        """Handle messages and follow what they change; give the CPU seconds that it took."""
        machine, values = self.machine, self.values
        began = time.thread_time()
        for number, (key, value) in enumerate(given, 1):
            message = Input(self._topic, 0, 0, key, value, self._moment_ms, 0)
            state_key = machine.state_key(message)
            old = values.get(state_key)
            handled = machine.handle(message, old)
            assert isinstance(handled.state, bytes)
            machine.changed(state_key, old, handled.state)
            values[state_key] = handled.state
            self.said += len(handled.outputs)
            if not number % TENDED:
                self._collector.tend()
        return time.thread_time() - began
