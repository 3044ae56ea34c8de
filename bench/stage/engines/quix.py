"""Quix Streams as its manual shows it: a dataframe, a stateful function, and `to_topic`.

It runs in an environment of its own, since it asks for other versions of what we use, and it
commits as often as it does by itself: every five seconds.
"""

from __future__ import annotations

from typing import Any

from quixstreams import Application  # type: ignore[import-not-found]

from bench.stage.job import Job
from bench.stage.measure import Meter, asked


class Work:
    """The job as a stateful function of a dataframe."""

    def __init__(self, rounds: int) -> None:
        self.done = 0
        self._job = Job(rounds)

    def __call__(self, value: bytes, state: Any) -> bytes:
        """Do the job for one event."""
        held = state.get("changes")
        said, new = self._job.work(value, held.encode() if held else None)
        state.set("changes", new.decode())
        self.done += 1
        return said


def main() -> None:
    """Run until all events are done."""
    wanted = asked()
    app = Application(
        broker_address=wanted.servers,
        consumer_group=wanted.stage,
        auto_offset_reset="earliest",
        state_dir=wanted.directory,
        processing_guarantee="exactly-once" if wanted.exactly_once else "at-least-once",
        loglevel="ERROR",
    )
    plain = {"key_serializer": "bytes", "value_serializer": "bytes"}
    source = app.topic(wanted.source, key_deserializer="bytes", value_deserializer="bytes")
    output = app.topic(wanted.output, **plain)
    work = Work(wanted.rounds)
    app.dataframe(source).apply(work, stateful=True).to_topic(output)
    Meter(wanted.events, lambda: work.done).start()
    app.run()


if __name__ == "__main__":
    main()
