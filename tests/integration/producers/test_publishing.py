"""The publisher and the CSV connector on a real Kafka and a real registry."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from producers.connectors.csv_snapshot import DifferState, Options, publish_snapshot
from producers.mapping import load
from producers.publisher import Owner, Publisher
from producers.publisher.encoding import ChangeEncoder
from recordbus.clock import SystemClock
from recordbus.kafka.admin import Admin
from recordbus.kafka.catalogue import register_all, wanted_topics
from recordbus.kafka.codec import Decoder
from recordbus.kafka.consumer import LogReader
from recordbus.kafka.producer import IdempotentProducer
from schemas.limits import RECORD_BYTES

if TYPE_CHECKING:
    from recordbus.local.servers import LocalServers

CONTACT = {"unit": "Records", "phone": None, "email": None}
MAPPING = """
mapping: test
title: Test
exports:
  calls:
    record_kind: service_call
    key: [NO]
    recorded_at: {column: AT, dates: ["%Y-%m-%d"]}
    body:
      narrative: TEXT
"""
ROWS = 3000

WORKER = """
import sys
from pathlib import Path
sys.path[:0] = [str(Path({here!r}).parent)]
from test_publishing import publish_file
publish_file(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]), say=True)
"""


@pytest.fixture
def department(local_servers: LocalServers, topic_names: Callable[[str], str]) -> Owner:
    """A department of its own, with its topic and schema."""
    name = topic_names("pd").replace(".", "-")
    Admin(local_servers.connection).apply_topics(wanted_topics([name]))
    registry = local_servers.schema_registry()
    register_all(registry, [name])
    registry.close()
    return owner_named(name)


def owner_named(name: str) -> Owner:
    return Owner(name, "ZZ0000100", f"ingest.{name}.v1", CONTACT, b"k" * 32)


def publish_file(
    bootstrap: str, registry_url: str, name: str, folder: Path, *, say: bool = False
) -> Any:
    """Publish the folder's snapshot; `say` prints a line at each acknowledged lump."""
    from recordbus.kafka.connection import Connection
    from recordbus.kafka.registry import SchemaRegistry

    owner = owner_named(name)
    registry = SchemaRegistry(registry_url)
    encoder = ChangeEncoder(registry, owner.topic)
    registry.close()
    producer = IdempotentProducer(Connection(bootstrap), max_message_bytes=RECORD_BYTES)
    clock = SystemClock()

    def step(reached: str) -> None:
        if say and reached != "sent_some":
            print(reached, flush=True)  # noqa: T201 - the test waits for it

    with DifferState(folder / "state.sqlite", clock) as state:
        account = publish_snapshot(
            load(MAPPING, name="test").exports["calls"],
            folder / "calls.csv",
            owner,
            Publisher(owner, encoder, producer),
            state,
            clock,
            Options(acknowledge_every=100, step=step),
        )
    producer.close()
    return account


def write(folder: Path, texts: dict[str, str]) -> None:
    lines = [f"{number},2020-01-02,{text}" for number, text in texts.items()]
    (folder / "calls.csv").write_text("\n".join(["NO,AT,TEXT", *lines]) + "\n")


def changes(servers: LocalServers, owner: Owner) -> Iterator[dict[str, Any]]:
    """Everything on a department's topic, in order."""
    registry = servers.schema_registry()
    decoder = Decoder(registry, f"{owner.topic}-value")
    reader = LogReader(servers.connection)
    reader.assign({(owner.topic, 0): 0})
    while not reader.at_end():
        for message in reader.consume(1000, 0.5):
            change = decoder.decode(message.value)
            assert message.key == change["record_key"].encode()
            yield change
    reader.close()
    registry.close()


def live_texts(found: Iterator[dict[str, Any]]) -> dict[str, str]:
    """Number to narrative of what is live, as intake would keep it."""
    newest: dict[str, dict[str, Any]] = {}
    for change in found:
        known = newest.get(change["record_key"])
        if known is None or change["source_seq"] > known["source_seq"]:
            newest[change["record_key"]] = change
        elif change["source_seq"] == known["source_seq"]:
            assert change["event_id"] == known["event_id"]
    bodies = [c["body"] for c in newest.values() if c["status"] == "live"]
    return {body["record_id"]: body["narrative"] for body in bodies}


def test_a_snapshot_reaches_the_topic_whole(
    local_servers: LocalServers, department: Owner, tmp_path: Path
) -> None:
    texts = {str(n): f"text {n}" for n in range(ROWS)}
    write(tmp_path, texts)
    servers = (local_servers.bootstrap_servers, local_servers.registry_url)
    account = publish_file(*servers, department.name, tmp_path)
    assert (account.accepted, account.adds_up) == (ROWS, True)
    assert live_texts(changes(local_servers, department)) == texts
    texts |= {"5": "changed"}
    del texts["7"]
    write(tmp_path, texts)
    account = publish_file(*servers, department.name, tmp_path)
    assert (account.accepted, account.withdrawn, account.unchanged) == (1, 1, ROWS - 2)
    assert live_texts(changes(local_servers, department)) == texts


@pytest.mark.parametrize(
    ("line", "visits"), [("planned", 1), ("acknowledged_some", 3), ("acknowledged", 1)]
)
def test_kill_9_at_any_moment_loses_nothing(
    local_servers: LocalServers, department: Owner, tmp_path: Path, line: str, visits: int
) -> None:
    """F7: the marker moves only after the last acknowledgement."""
    texts = {str(n): f"text {n}" for n in range(ROWS)}
    write(tmp_path, texts)
    servers = (local_servers.bootstrap_servers, local_servers.registry_url)
    worker = subprocess.Popen(
        [
            sys.executable,
            "-c",
            WORKER.format(here=__file__),
            *servers,
            department.name,
            str(tmp_path),
        ],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert worker.stdout is not None
    with worker.stdout:
        for said in worker.stdout:
            visits -= said.strip() == line
            if not visits:
                worker.send_signal(signal.SIGKILL)
                break
    assert worker.wait(30) == -signal.SIGKILL
    account = publish_file(*servers, department.name, tmp_path)
    assert (account.accepted, account.adds_up) == (ROWS, True)
    assert live_texts(changes(local_servers, department)) == texts
    assert publish_file(*servers, department.name, tmp_path).unchanged == ROWS


def test_a_receipt_says_where_the_record_is(local_servers: LocalServers, department: Owner) -> None:
    registry = local_servers.schema_registry()
    producer = IdempotentProducer(local_servers.connection, max_message_bytes=RECORD_BYTES)
    publisher = Publisher(department, ChangeEncoder(registry, department.topic), producer)
    registry.close()
    record = {
        "record_kind": "service_call",
        "source_seq": 1,
        "recorded_at": SystemClock().now(),
        "body": {"record_id": "C-1", "details": ("recordbus.v1.ServiceCallDetails", {})},
    }
    begun = time.monotonic()
    receipt = publisher.publish(record)
    assert receipt.result() == (department.topic, 0, 0)
    assert time.monotonic() - begun < 10
    assert publisher.expunge("service_call", "C-1", 2, "court_order").result()[2] == 1
    producer.close()
    statuses = [change["status"] for change in changes(local_servers, department)]
    assert statuses == ["live", "expunged"]


def test_the_largest_record_fits_and_the_next_size_is_named(
    local_servers: LocalServers, department: Owner
) -> None:
    """Row 24: what the publisher lets through, the broker takes."""
    registry = local_servers.schema_registry()
    producer = IdempotentProducer(local_servers.connection, max_message_bytes=RECORD_BYTES)
    publisher = Publisher(department, ChangeEncoder(registry, department.topic), producer)
    registry.close()
    bytes_each = 303  # a type, a length of two bytes, 299 digits and no issuer
    references = [
        {"type": "case", "number": f"{n:05d}" + os.urandom(147).hex(), "issuer_ori": None}
        for n in range(RECORD_BYTES * 99 // 100 // bytes_each)
    ]
    record = {
        "record_kind": "service_call",
        "source_seq": 1,
        "recorded_at": SystemClock().now(),
        "body": {
            "record_id": "C-1",
            "references": references,
            "details": ("recordbus.v1.ServiceCallDetails", {}),
        },
    }
    receipt = publisher.publish(record)
    assert receipt.size_bytes > RECORD_BYTES * 0.98
    assert receipt.result()[2] == 0
    producer.close()
