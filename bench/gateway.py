"""How fast the gateway takes records over HTTP, on a real Kafka, beside the plain publisher.

`recordbus gateway run` is a process of its own, with its audit, its memory of keys and its token
checks as in service; requests come over loopback on 16 connections, each of which waits for its
answer before it sends again. Singles and batches of 500 are timed in turns with the publisher
sending the same records from this process. Wall clock on a shared machine says what was left over;
CPU time per record is what the gateway itself costs. Three rounds; the median counts.

    python -m bench.gateway [SINGLES] [BATCHED]
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import count, islice
from pathlib import Path
from typing import Any

import psutil

from bench.publisher import DEPARTMENT, middle, publish
from producers.publisher import Owner
from producers.publisher.encoding import ChangeEncoder
from producers.publisher.record import checked_value
from producers.synthetic.record_inputs import record_inputs
from producers.synthetic.world import world
from recordbus import departments
from recordbus.clock import SystemClock
from recordbus.departments import Contact, Department
from recordbus.ids import UuidSource
from recordbus.kafka.admin import Admin
from recordbus.kafka.catalogue import register_all, wanted_topics
from recordbus.local.servers import LocalServers
from recordbus.secret_files import make_secret
from recordbus.web.issuing import issue, make_key
from recordbus.web.tokens import Terms

ROUNDS = 3
CONNECTIONS = 16
BATCH = 500
DISTINCT = 16
SEQUENCE = count(1)

Requests = Callable[[int], bytes]


def main() -> None:
    """Measure and print one JSON object."""
    singles = int(sys.argv[1]) if len(sys.argv) > 1 else 3_000
    batched = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
    values = list(islice(record_inputs(world(2_000, 7)), 0, 16 * DISTINCT, 16))
    with LocalServers() as servers, tempfile.TemporaryDirectory() as folder:
        owner, keys = prepared(servers, Path(folder))
        registry = servers.schema_registry()
        encoder = ChangeEncoder(registry, owner.topic)
        registry.close()
        with gateway(servers, Path(folder)) as (port, process):
            head = token_line(keys)
            run(port, process, one_by_one(values, head), 200)
            rounds = [
                (
                    run(port, process, one_by_one(values, head), singles),
                    run(port, process, in_batches(values, head), batched, BATCH),
                    publish(servers, owner, encoder, values, batched, checked=False),
                )
                for _ in range(ROUNDS)
            ]
    single, batch, plain = (middle(each) for each in zip(*rounds, strict=True))
    print(json.dumps({
        "rounds": ROUNDS,
        "connections": CONNECTIONS,
        "batch": BATCH,
        "single": single,
        "batched": batch,
        "publisher": plain,
        "batched_cpu_to_publisher": ratio(batch, plain),
        "single_cpu_to_publisher": ratio(single, plain),
    }, indent=2))  # fmt: skip


def ratio(found: dict[str, float], plain: dict[str, float]) -> float:
    """Give how many times the publisher's CPU time a record costs."""
    return round(found["cpu_us_per_record"] / plain["cpu_us_per_record"], 2)


def prepared(servers: LocalServers, folder: Path) -> tuple[Owner, Path]:
    """Make the department, its topic and a key that signs."""
    Admin(servers.connection).apply_topics(wanted_topics([DEPARTMENT]))
    registry = servers.schema_registry()
    register_all(registry, [DEPARTMENT])
    registry.close()
    secret = make_secret(folder / "department.key")
    contact = Contact(unit="Records")
    known = Department(
        name=DEPARTMENT, title="Bench", ori="ZZ0000100", contact=contact,
        secret_file=folder / "department.key",
    )  # fmt: skip
    departments.save(folder / "run" / "departments.yaml", [known])
    keys = folder / "run" / "tokens" / "keys.json"
    make_key(keys)
    owner = Owner(DEPARTMENT, known.ori, known.topic, contact.model_dump(mode="json"), secret)
    return owner, keys


@contextmanager
def gateway(servers: LocalServers, folder: Path) -> Iterator[tuple[int, psutil.Process]]:
    """Run the gateway and give its port and process."""
    settings = {
        "KAFKA__BOOTSTRAP_SERVERS": servers.bootstrap_servers,
        "REGISTRY__URL": servers.registry_url,
        "RUN_DIRECTORY": str(folder / "run"),
        "GATEWAY__PORT": "0",
        "GATEWAY__RECORDS_PER_SECOND": "1e9",
        "GATEWAY__BURST_RECORDS": "1000000000",
    }
    log = (folder / "gateway.log").open("w+")
    process = subprocess.Popen(
        [sys.executable, "-m", "recordbus", "gateway", "run"],
        env=os.environ | {f"RECORDBUS_{name}": value for name, value in settings.items()},
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    address = next(line for line in lines if line.startswith("listening"))
    try:
        yield int(address.rpartition(":")[2]), psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()
        log.close()


def token_line(keys: Path) -> str:
    """Give the header of a token that counts for as long as a bench takes."""
    token = issue(
        keys, Terms("recordbus", "recordbus-gateway"), SystemClock(), UuidSource(),
        department=DEPARTMENT, subject="bench", scopes=["records:write"], seconds=900,
    )  # fmt: skip
    return f"Authorization: Bearer {token}\r\n"


def one_by_one(values: Sequence[Any], head: str) -> Requests:
    """Give a maker of requests of one record each."""
    texts = as_json(values)
    return lambda number: request(head, numbered(texts, 1)[0], number)


def in_batches(values: Sequence[Any], head: str) -> Requests:
    """Give a maker of requests of a batch each."""
    texts = as_json(values)
    return lambda number: request(head, "[" + ",".join(numbered(texts, BATCH)) + "]", number)


def as_json(values: Sequence[Any]) -> list[str]:
    """Give records as JSON, with a place for the source_seq."""
    return [
        json.dumps({**checked_value(value), "source_seq": "SEQ"}, default=datetime.isoformat)
        for value in values
    ]


def numbered(texts: Sequence[str], count_wanted: int) -> list[str]:
    """Give records with sequence numbers that none had before."""
    found = [(texts[at % len(texts)], next(SEQUENCE)) for at in range(count_wanted)]
    return [text.replace('"SEQ"', str(number), 1) for text, number in found]


def request(head: str, body: str, number: int) -> bytes:
    """Give a request, with an Idempotency-Key as an honest client sends it."""
    sent = body.encode()
    return (
        "POST /v1/records HTTP/1.1\r\nHost: gw\r\nContent-Type: application/json\r\n"
        f"Idempotency-Key: bench-{os.getpid()}-{time.monotonic_ns()}-{number}\r\n"
        f"{head}Content-Length: {len(sent)}\r\n\r\n"
    ).encode() + sent


def run(
    port: int, process: psutil.Process, requests: Requests, records: int, each: int = 1
) -> dict[str, float]:
    """Send records over all connections; give speed, CPU time of the gateway and latencies."""
    made = [requests(number) for number in range(records // each)]
    before, began = cpu_seconds(process), time.perf_counter()
    seconds = asyncio.run(sent_over(port, made))
    took = time.perf_counter() - began
    spent = cpu_seconds(process) - before
    ordered = sorted(seconds)
    return {
        "records_per_second": round(len(made) * each / took),
        "cpu_us_per_record": round(spent / (len(made) * each) * 1e6, 1),
        "p50_ms": round(ordered[len(ordered) // 2] * 1e3, 1),
        "p99_ms": round(ordered[int(len(ordered) * 0.99)] * 1e3, 1),
    }


def cpu_seconds(process: psutil.Process) -> float:
    """Give the CPU time that a process has used."""
    times = process.cpu_times()
    return times.user + times.system


async def sent_over(port: int, requests: list[bytes]) -> list[float]:
    """Send all requests and give how long each took; an answer that is not 2xx ends the bench."""
    waiting, seconds = list(reversed(requests)), list[float]()

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while waiting:
            sent = waiting.pop()
            began = time.perf_counter()
            writer.write(sent)
            await answered(reader)
            seconds.append(time.perf_counter() - began)
        writer.close()

    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    return seconds


async def answered(reader: asyncio.StreamReader) -> None:
    """Read one answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    body = await reader.readexactly(int(head.partition("content-length: ")[2].split("\r\n")[0]))
    status = head.split()[1]
    if not (status == "200" or (status == "207" and b'"refused":0,' in body)):
        raise SystemExit(f"the gateway answered {status}: {body[:300]!r}")


if __name__ == "__main__":
    main()
