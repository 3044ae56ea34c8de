"""Makes what lets the servers start fast: archives of their classes, and an empty cluster.

The servers are run once for it. A server that starts without an archive only starts slower,
so a failed recording is remembered as an empty file and never stops anything.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from recordbus.errors import Misconfigured, RecordbusError
from recordbus.kafka.admin import Admin
from recordbus.kafka.connection import Connection
from recordbus.kafka.registry import SchemaRegistry
from recordbus.kafka.topics import Topic
from recordbus.kafka.transactions import TransactionalProducer
from recordbus.local import java, kafka_server, registry_server
from recordbus.local.cache import ServerFiles
from recordbus.local.child import Child, Guard
from recordbus.local.kafka_server import KafkaServer
from recordbus.local.ports import free_ports
from recordbus.local.registry_server import RegistryServer
from recordbus.local.spec import ProcessSpec
from recordbus.local.startup import wait_until_ready
from recordbus.local.warm import WarmUp

_FORMAT_SECONDS: Final = 60
_RECORDING_SECONDS: Final = 120
_PART: Final = '{"type":"enum","name":"Part","namespace":"first","symbols":["A","B"]}'
_FIELDS: Final = '{"name":"part","type":"first.Part"},{"name":"why","type":["null","string"]}'
_MORE: Final = '{"name":"more","type":{"type":"array","items":"string"},"default":[]}'
_RECORD: Final = '{"type":"record","name":"Whole","namespace":"first","fields":[%s]}'
_WHOLE: Final = _RECORD % _FIELDS
_WHOLE_AGAIN: Final = _RECORD % f"{_FIELDS},{_MORE}"


def are_there(files: ServerFiles) -> bool:
    """Tell whether the archives of this Java and the empty cluster exist."""
    return all(path.is_file() for path in _made(files))


def prepare(files: ServerFiles) -> None:
    """Make what is missing; raises Misconfigured when Kafka cannot even be formatted."""
    with tempfile.TemporaryDirectory(prefix="recordbus-first-run-") as scratch:
        ports = free_ports(4)
        kafka = KafkaServer(files, Path(scratch) / "kafka", ports[0], ports[1])
        registry = RegistryServer(files, Path(scratch) / "registry", ports[2], ports[3])
        if not kafka_server.template_of(files).is_file():
            _make_template(kafka)
        with ThreadPoolExecutor(2) as pool:
            for done in (
                pool.submit(_record_kafka, kafka),
                pool.submit(_record_registry, registry),
            ):
                done.result()


def _made(files: ServerFiles) -> tuple[Path, ...]:
    return (
        kafka_server.template_of(files),
        kafka_server.archive_of(files),
        registry_server.archive_of(files),
    )


def _make_template(server: KafkaServer) -> None:
    server.write_settings()
    done = subprocess.run(
        server.format_command(),
        capture_output=True,
        text=True,
        timeout=_FORMAT_SECONDS,
        check=False,
    )
    written = kafka_server.written_checkpoint(server.data)
    if done.returncode or not written.is_file():
        raise Misconfigured(
            f"Kafka's format tool failed with code {done.returncode}: {done.stderr.strip()[-400:]}",
            hint="delete the cache directory; the next start fills it again",
        )
    target = kafka_server.template_of(server.files)
    partial = target.with_suffix(".new")
    shutil.copyfile(written, partial)
    partial.replace(target)
    shutil.rmtree(server.data)


def _record_kafka(server: KafkaServer) -> None:
    server.prepare()
    connection = Connection(server.bootstrap_servers)
    archive = kafka_server.archive_of(server.files)
    _record(server.spec(), server.command(), archive, lambda: _use_kafka(connection))


def _record_registry(server: RegistryServer) -> None:
    server.prepare()
    archive = registry_server.archive_of(server.files)
    _record(server.spec(), server.command(), archive, lambda: _use_registry(server.url))


def _record(
    spec: ProcessSpec, command: tuple[str, ...], archive: Path, use: Callable[[], None]
) -> None:
    if archive.is_file():
        return
    partial = archive.with_suffix(".partial")
    told = ProcessSpec(
        name=f"{spec.name}-first-run",
        argv=java.training(command, partial),
        env=spec.env,
        ready=spec.ready,
        directory=spec.directory,
        stop_within_seconds=_RECORDING_SECONDS,
    )
    guard = Guard()
    try:
        _run_once(Child(told, (spec.directory or Path()) / "first-run.log", guard), use)
    except RecordbusError:
        partial.unlink(missing_ok=True)
    finally:
        guard.close()
    if not partial.is_file():
        partial.touch()
    partial.replace(archive)


def _run_once(child: Child, use: Callable[[], None]) -> None:
    try:
        wait_until_ready([child])
        use()
    finally:
        child.ask_to_stop()
        if child.wait(_RECORDING_SECONDS) is None:
            child.kill()


def _use_registry(url: str) -> None:
    """Register and read once, with a reference and a second version."""
    registry = SchemaRegistry(url)
    try:
        registry.set_compatibility("FULL_TRANSITIVE")
        registry.register("first.Part", _PART)
        registry.register("first", _WHOLE, ["first.Part"])
        registry.register("first", _WHOLE_AGAIN, ["first.Part"])
        registry.texts_of("first")
        registry.subjects()
    finally:
        registry.close()


def _use_kafka(connection: Connection) -> None:
    """Do once what users do, so that its classes are in the archive, too."""
    admin = Admin(connection)
    admin.apply_topics([Topic("first", config={"cleanup.policy": "compact"})])
    with WarmUp(connection) as first:
        first.begin()
    producer = TransactionalProducer(connection, "first")
    producer.init()
    producer.begin()
    producer.produce("first", b"key", b"value")
    producer.commit()
    producer.close()
