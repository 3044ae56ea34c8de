"""How fast intake works through a backlog on a real Kafka, transactions and all.

    python -m bench.intake_replay [--records N]

Publishes N distinct records of the synthetic world's five departments, in the world's own mix, then
starts one worker. The rate is counted by the broker's own times in `records.v1`, from the first
record to the last; the worker's start is reported apart. CPU is that of the worker's process alone.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

import psutil

from bench.intake_handle import messages
from recordbus.kafka.consumer import LogReader
from recordbus.kafka.producer import IdempotentProducer
from recordbus.local.servers import LocalServers
from tests.integration.intake.bus import Bus

TARGET = 4000
PATIENCE_SECONDS = 300


def fill(bus: Bus, count: int) -> None:
    """Publish the backlog."""
    producer = IdempotentProducer(bus.servers.connection)
    for message in messages(count, bus.schema_ids[bus.topic]):
        producer.produce(bus.topic, message.key, message.value, partition=0)
        producer.poll()
    producer.flush(120)
    producer.close()


def drain(bus: Bus, count: int) -> list[int]:
    """Read what intake says until all is said; give the broker's time of each, in ms."""
    reader = LogReader(bus.servers.connection)
    reader.assign({("records.v1", 0): 0})
    times: list[int] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(times) < count:
        if time.monotonic() > deadline:
            raise AssertionError(f"{len(times)} of {count} records after {PATIENCE_SECONDS} s")
        times += [message.timestamp_ms for message in reader.consume(5000, 0.2)]
        time.sleep(0.5)  # the reader must not compete with the worker for the cores
    reader.close()
    return times


def main() -> None:
    """Measure and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=40_000)
    count = parser.parse_args().records
    with LocalServers() as servers, tempfile.TemporaryDirectory() as directory:
        bus = Bus(servers, Path(directory))
        try:
            fill(bus, count)
            bus.start()
            began = time.time() * 1000
            assert bus.worker is not None
            worker = psutil.Process(bus.worker.pid)
            times = drain(bus, count)
            cpu = sum(worker.cpu_times()[:2])
            memory = worker.memory_info().rss
        finally:
            bus.stop()
    seconds = (times[-1] - times[0]) / 1000
    print(
        json.dumps(
            {
                "records": count,
                "records_per_second": round(count / seconds),
                "seconds": round(seconds, 2),
                "first_record_after_seconds": round((times[0] - began) / 1000, 2),
                "worker_cpu_us_per_record": round(cpu / count * 1e6),
                "worker_rss_mib": round(memory / 2**20),
                "load_average": os.getloadavg()[0],
                "target": TARGET,
            }
        )
    )


if __name__ == "__main__":
    main()
