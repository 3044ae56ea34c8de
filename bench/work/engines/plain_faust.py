"""Faust as its manual shows it: an agent, a Table in memory with its changelog, `topic.send`.

Exactly once is Faust's own, which commits as often as it does by itself; the stages after it wait
for that.

What it does not do that our stages do: fence an earlier owner (at least once), write outputs,
values and offsets in one transaction (at least once), erase what was removed, set a message aside
(an error in the agent loses the message and stops the commits), or drop what it is told twice.
"""

from __future__ import annotations

import faust

from bench.stage.engines.plain_faust import application
from bench.work.engines.asked import Asked, asked
from bench.work.job import WRITTEN, Job


def app_of(wanted: Asked, job: Job) -> faust.App:
    """Make the application of one stage."""
    app = application(wanted, 1)
    source = app.topic(wanted.source, key_type=bytes, value_type=bytes)
    topics = {
        name: app.topic(name, key_type=bytes, value_type=bytes) for name in WRITTEN[wanted.work]
    }
    table = app.Table("state", key_type=bytes, value_type=bytes, partitions=1)

    async def recovered() -> None:
        job.restored(table.items())

    async def agent(stream: faust.StreamT[bytes]) -> None:
        async for event in stream.events():
            timestamp_ms = int(event.message.timestamp * 1000)
            given = job.message(event.key, event.value, timestamp_ms)
            key = job.state_key(given)
            new, outputs = job.work(given, table.get(key))
            if new is not None:
                table[key] = new
            for said in outputs:
                await topics[said.topic].send(key=said.key, value=said.value)

    table.on_recover(recovered)
    app.agent(source)(agent)
    return app


def main() -> None:
    """Run until the process is ended."""
    app = app_of(*asked())
    faust.Worker(app, loglevel="ERROR", redirect_stdouts=False).execute_from_commandline()


if __name__ == "__main__":
    main()
