"""A bare confluent-kafka loop: values in a dict and in a changelog, batches of 500.

At least once: an idempotent producer, flushed before the offsets are committed. Exactly once: a
transaction a batch with the offsets in it.

What it does not do that our stages do: read its changelog back after a restart, fence an earlier
owner that still runs, erase what was removed from what it wrote, set a message aside (any error
ends it), drop what it is told twice, hold its lag, or end itself when it stands still.
"""

from __future__ import annotations

from typing import Any

from confluent_kafka import Producer

from bench.stage.engines.bare import Loop, Work
from bench.work.engines.asked import asked
from bench.work.job import Job


def work_of(job: Job, changelog: str) -> Work:
    """Let the loop do a job on each message."""
    state: dict[bytes, bytes] = {}

    def work(message: Any, producer: Producer) -> None:
        given = job.message(message.key(), message.value(), message.timestamp()[1])
        key = job.state_key(given)
        new, outputs = job.work(given, state.get(key))
        if new is not None:
            state[key] = new
            producer.produce(changelog, new, key, 0)
        for said in outputs:
            producer.produce(said.topic, said.value, said.key, 0)

    return work


def main() -> None:
    """Run until the process is ended."""
    wanted, job = asked()
    Loop(wanted, work_of(job, f"{wanted.stage}-changelog")).run()


if __name__ == "__main__":
    main()
