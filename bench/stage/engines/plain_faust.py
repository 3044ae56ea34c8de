"""Faust as its manual shows it: an agent, a Table, and `topic.send`."""

from __future__ import annotations

import faust

from bench.stage.job import Job
from bench.stage.measure import Asked, Meter, Wanted, asked


class Count:
    """How many events the agent is done with."""

    def __init__(self) -> None:
        self.done = 0


def application(wanted: Wanted, partitions: int) -> faust.App:
    """Make an application with the settings that its manual gives."""
    return faust.App(
        wanted.stage,
        broker=f"kafka://{wanted.servers}",
        datadir=wanted.directory,
        store="memory://",
        processing_guarantee="exactly_once" if wanted.exactly_once else "at_least_once",
        key_serializer="raw",
        value_serializer="raw",
        consumer_auto_offset_reset="earliest",
        topic_partitions=partitions,
        topic_replication_factor=1,
        topic_disable_leader=True,
        web_enabled=False,
    )


def app_of(wanted: Asked, count: Count) -> faust.App:
    """Make the application with its agent."""
    job = Job(wanted.rounds)
    app = application(wanted, wanted.partitions)
    source = app.topic(wanted.source, key_type=bytes, value_type=bytes)
    output = app.topic(wanted.output, key_type=bytes, value_type=bytes)
    table = app.Table(
        "state", key_type=bytes, value_type=bytes, partitions=wanted.partitions, default=bytes
    )

    async def agent(stream: faust.StreamT[bytes]) -> None:
        async for key, value in stream.items():
            said, new = job.work(value, table[key] or None)
            table[key] = new
            await output.send(key=key, value=said)
            count.done += 1

    app.agent(source)(agent)
    return app


def main() -> None:
    """Run until all events are done."""
    wanted = asked()
    count = Count()
    app = app_of(wanted, count)
    Meter(wanted.events, lambda: count.done).start()
    faust.Worker(app, loglevel="ERROR", redirect_stdouts=False).execute_from_commandline()


if __name__ == "__main__":
    main()
