"""Quix Streams as its manual shows it: a dataframe, a stateful function, `to_topic`.

It runs in an environment of its own, since it asks for other versions of what we use. At least once
it commits as often as it does by itself, every five seconds; its outputs can be read before that.
Exactly once they cannot, and the stages after it would wait for them, so it commits every 0.3 s,
which was faster here than 0.1 s or 1 s. Values are regrouped by their state key, which is not
always the key of the message.

What it does not do that our stages do: rebuild the indexes after a restart (its State answers for
one key at a time, so that they would have to be kept in it too), fence an earlier owner (at least
once), erase what was removed from what it wrote, set a message aside (any error ends it), or drop
what it is told twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Final

from quixstreams import Application  # type: ignore[import-not-found]
from quixstreams.models import Serializer  # type: ignore[import-not-found]

from bench.work.engines.asked import Asked, asked
from bench.work.job import WRITTEN, Job
from streams.runtime.contract import Input, Output

COMMIT_SECONDS: Final = 0.3
_VALUE: Final = "value"


class ValueOf(Serializer):  # type: ignore[misc]  # it has no types here
    """Writes the value of an output."""

    def __call__(self, value: Output, ctx: Any) -> bytes | None:
        """Give the bytes that are written; Quix Streams passes `ctx` by its name."""
        del ctx
        return value.value


class Work:
    """The job as a stateful function of a dataframe."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def message(self, value: bytes, key: bytes, timestamp_ms: int, _headers: Any) -> Input:
        """Give a row as the stage sees it."""
        return self._job.message(key, value, timestamp_ms)

    def __call__(self, given: Input, state: Any) -> Sequence[Output]:
        """Do the job for one message."""
        new, outputs = self._job.work(given, state.get_bytes(_VALUE))
        if new is not None:
            state.set_bytes(_VALUE, new)
        return outputs


def app_of(wanted: Asked, job: Job) -> Any:
    """Make the application of one stage."""
    own = {"processing_guarantee": "exactly-once", "commit_interval": COMMIT_SECONDS}
    app = Application(
        broker_address=wanted.servers,
        consumer_group=wanted.stage,
        auto_offset_reset="earliest",
        state_dir=wanted.directory,
        loglevel="ERROR",
        **(own if wanted.exactly_once else {}),
    )
    source = app.topic(wanted.source, key_deserializer="bytes", value_deserializer="bytes")
    topics = {
        name: app.topic(name, key_serializer="bytes", value_serializer=ValueOf())
        for name in WRITTEN[wanted.work]
    }
    work = Work(job)
    frame = app.dataframe(source).apply(work.message, metadata=True)
    frame = frame.group_by(job.state_key, name="state").apply(work, stateful=True, expand=True)
    frame.to_topic(lambda said, *_: topics[said.topic], key=attrgetter("key"))
    return app


def main() -> None:
    """Run until the process is ended."""
    app_of(*asked()).run()


if __name__ == "__main__":
    main()
