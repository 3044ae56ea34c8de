"""One Kafka broker that is its own controller, sized for a laptop.

A new data directory is laid out from files that Kafka's own format tool made when the cache
was filled, with an id of its own; running the tool again would cost a second of Java. The
quorum is named by setting, not by record, so a data directory may change its ports.
"""

from __future__ import annotations

import base64
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from recordbus.errors import RecordbusError
from recordbus.kafka.admin import Admin
from recordbus.kafka.connection import Connection
from recordbus.local import java, lockfile
from recordbus.local.cache import ServerFiles
from recordbus.local.disk import writing
from recordbus.local.ports import LOOPBACK, answers
from recordbus.local.spec import ProcessSpec

HEAP_MB: Final = 256
STOP_ORDER: Final = 100
_METADATA: Final = "__cluster_metadata-0"
_CHECKPOINT: Final = "00000000000000000000-0000000000.checkpoint"

PROPERTIES: Final[Mapping[str, str]] = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "CLIENTS",
    "auto.create.topics.enable": "false",
    "num.network.threads": "2",
    "num.io.threads": "2",
    "log.cleaner.dedupe.buffer.size": "8388608",
    "log.segment.delete.delay.ms": "1000",
    # So that what was removed leaves the disk within seconds; looking costs next to nothing here.
    "log.retention.check.interval.ms": "2000",
    "log.cleaner.backoff.ms": "1000",
    "log.initial.task.delay.ms": "1000",
    "group.initial.rebalance.delay.ms": "0",
    "offsets.topic.num.partitions": "4",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # A killed broker is taken back once its old session is over; much less than this, and a
    # broker that waits for a busy core counts as gone.
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "300",
}

LOG_SETTINGS: Final = """\
status=error
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %-5p %c{1} %m%n
rootLogger.level=warn
rootLogger.appenderRef.out.ref=out
"""


@dataclass(frozen=True, slots=True)
class KafkaServer:
    """A broker to run: its directory, its two loopback ports and settings of its own."""

    files: ServerFiles
    directory: Path
    port: int
    controller_port: int
    overrides: Mapping[str, str] = field(default_factory=dict)
    heap_mb: int = HEAP_MB

    @property
    def bootstrap_servers(self) -> str:
        """Give the address for clients."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def data(self) -> Path:
        """Give the directory of the logs."""
        return self.directory / "data"

    def prepare(self) -> None:
        """Write the settings, and lay out the data directory where there is none yet."""
        with writing(self.directory):
            self.write_settings()
            if not (self.data / "meta.properties").is_file():
                self._lay_out()

    def write_settings(self) -> None:
        """Write the settings only, as Kafka's own tools need them."""
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / "log4j2.properties").write_text(LOG_SETTINGS, encoding="utf-8")
        text = "".join(f"{key}={value}\n" for key, value in self.properties().items())
        self._settings.write_text(text, encoding="utf-8")

    def properties(self) -> dict[str, str]:
        """Give every setting of the broker."""
        listeners = (
            f"CLIENTS://{self.bootstrap_servers},CONTROLLER://{LOOPBACK}:{self.controller_port}"
        )
        return {
            **PROPERTIES,
            "listeners": listeners,
            "controller.quorum.voters": f"1@{LOOPBACK}:{self.controller_port}",
            "log.dirs": str(self.data),
            **self.overrides,
        }

    def command(self, *, archive: Path | None = None) -> tuple[str, ...]:
        """Give the command that runs the broker."""
        return self._java("kafka.Kafka", (str(self._settings),), archive)

    def format_command(self) -> tuple[str, ...]:
        """Give the command that lays out an empty data directory, as Kafka itself does."""
        arguments = ("format", f"--cluster-id={_new_id()}", "-c", str(self._settings))
        return self._java("kafka.tools.StorageTool", arguments, None)

    def spec(self) -> ProcessSpec:
        """Describe the broker to the supervisor."""
        return ProcessSpec(
            name="kafka",
            argv=self.command(archive=archive_of(self.files)),
            env=java.ENVIRONMENT,
            ready=_Readiness(self.port),
            stop_order=STOP_ORDER,
            directory=self.directory,
            ports={"clients": self.port, "controller": self.controller_port},
        )

    @property
    def _settings(self) -> Path:
        return self.directory / "server.properties"

    def _java(self, main: str, arguments: tuple[str, ...], archive: Path | None) -> tuple[str, ...]:
        return java.command(
            class_path(self.files),
            main,
            heap_mb=self.heap_mb,
            options=(f"-Dlog4j2.configurationFile={self.directory / 'log4j2.properties'}",),
            arguments=arguments,
            archive=archive,
            errors=self.directory,
        )

    def _lay_out(self) -> None:
        target = self.data / _METADATA
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(template_of(self.files), target / _CHECKPOINT)
        meta = {"version": "1", "cluster.id": _new_id(), "node.id": "1", "directory.id": _new_id()}
        text = "".join(f"{key}={value}\n" for key, value in meta.items())
        # Last, because its presence says that the directory is complete.
        partial = self.data / "meta.properties.new"
        partial.write_text(text, encoding="utf-8")
        partial.replace(self.data / "meta.properties")


def class_path(files: ServerFiles) -> str:
    """Give the class path; the order is the locked one, as the class archive needs it."""
    jars = (file.filename for file in lockfile.files() if file.server == lockfile.KAFKA)
    return ":".join(str(files.kafka / jar) for jar in jars)


def archive_of(files: ServerFiles) -> Path:
    """Give the path of the archive of loaded classes."""
    return files.root / f"kafka-{java.java_version()}.aot"


def template_of(files: ServerFiles) -> Path:
    """Give the path of the first checkpoint of an empty cluster, as Kafka's tool wrote it."""
    return files.root / "kafka-empty.checkpoint"


def written_checkpoint(data: Path) -> Path:
    """Give where Kafka's format tool leaves the first checkpoint."""
    return data / _METADATA / _CHECKPOINT


class _Readiness:
    """Ready once every partition has a leader; the client is made after the port answers."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._admin: Admin | None = None

    def __call__(self) -> bool:
        if not answers(self._port):
            return False
        if self._admin is None:
            self._admin = Admin(Connection(f"{LOOPBACK}:{self._port}"), timeout_seconds=1.0)
        try:
            if not self._admin.leaders_known():
                return False
        except RecordbusError:
            return False
        self._admin = None
        return True


def _new_id() -> str:
    # Kafka's tools take an id that begins with a dash for an option.
    while (made := _base64(uuid.uuid4().bytes)).startswith("-"):
        continue
    return made


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
