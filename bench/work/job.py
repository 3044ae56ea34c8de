"""The pure work of one stage, for engines that are not ours.

It is the code that our own runtime runs: the stage's machine with its `handle` and the indexes it
derives. An engine brings the messages, keeps the values, and takes the outputs away.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from bench.chain import Registry
from streams.associate.stage import associate_stage
from streams.identify.stage import identify_stage
from streams.meet.stage import meet_stage
from streams.runtime.contract import Input, Output, Stage

STAGES: Final[Mapping[str, Callable[[Registry], Stage]]] = {
    "meet": meet_stage,
    "identify": identify_stage,
    "associate": associate_stage,
}
PUBLIC: Final = ("identities.v1", "associations.v1")
WRITTEN: Final[Mapping[str, tuple[str, ...]]] = {
    "meet": ("verdicts.v1",),
    "identify": ("relations.v1",),
    "associate": PUBLIC,
}


class Job:
    """One stage at work on its one partition."""

    def __init__(self, name: str, registry: Registry) -> None:
        self._stage = STAGES[name](registry)
        (self.source,) = self._stage.sources
        self.machine = self._stage.machine(0)
        self._taken = 0
        calm_collector()

    def message(self, key: bytes | None, value: bytes | None, timestamp_ms: int) -> Input:
        """Give a message of the source as the stage sees it."""
        self._taken += 1
        return Input(self.source, 0, self._taken, key, value, timestamp_ms, self._taken)

    def state_key(self, message: Input) -> bytes:
        """Name the state value that a message may change."""
        return self.machine.state_key(message)

    def work(self, message: Input, held: bytes | None) -> tuple[bytes | None, Sequence[Output]]:
        """Give the value's new content, None where it stays, and the outputs.

        Raises RuntimeError where a stage of ours would set the message aside.
        """
        handled = self.machine.handle(message, held)
        if handled.quarantined is not None:
            raise RuntimeError(handled.quarantined.reason)
        if not isinstance(handled.state, bytes):
            return None, handled.outputs
        self.machine.changed(self.machine.state_key(message), held, handled.state)
        return handled.state, handled.outputs

    def restored(self, values: Iterable[tuple[bytes, bytes]]) -> None:
        """Begin anew from the values that an engine kept."""
        self.machine = self._stage.machine(0)
        for key, value in values:
            self.machine.loaded(key, value)


def calm_collector() -> None:
    """Collect garbage rarely; our own worker has a way of its own.

    With large indexes and many short-lived tuples the default would look through everything over
    and over.
    """
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
