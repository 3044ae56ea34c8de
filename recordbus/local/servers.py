"""Kafka and the schema registry, real ones, for as long as a `with` block lasts.

    with LocalServers() as servers:
        producer = IdempotentProducer(servers.connection)

Nothing is left behind: the children end with the block, or with the process, however it ends.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final

from recordbus.errors import Misconfigured
from recordbus.kafka.connection import Connection
from recordbus.kafka.registry import SchemaRegistry
from recordbus.local.cache import ServerFiles
from recordbus.local.child import Child, Guard, stop_all
from recordbus.local.install import server_files
from recordbus.local.kafka_server import KafkaServer
from recordbus.local.ports import free_ports
from recordbus.local.registry_server import RegistryServer
from recordbus.local.spec import ProcessSpec
from recordbus.local.startup import wait_until_ready
from recordbus.local.warm import WarmUp

_START_TRIES: Final = 3


class LocalServers:
    """A broker and a registry on free ports, with data in `run_directory`.

    Without one, a temporary directory is used and removed at the end. `kafka_overrides` are
    broker settings, by name. A registry may be left out. Not to be shared between threads.
    """

    def __init__(
        self,
        run_directory: Path | None = None,
        *,
        cache: Path | None = None,
        registry: bool = True,
        kafka_overrides: Mapping[str, str] | None = None,
    ) -> None:
        self._temporary = run_directory is None
        self.run_directory = run_directory or Path(tempfile.mkdtemp(prefix="recordbus-"))
        self._cache = cache
        self._with_registry = registry
        self._overrides = dict(kafka_overrides or {})
        self._guard = Guard()
        self._children: dict[str, Child] = {}
        self._kafka: KafkaServer | None = None
        self._registry: RegistryServer | None = None

    @property
    def bootstrap_servers(self) -> str:
        """Give the broker's address."""
        return self._started_kafka().bootstrap_servers

    @property
    def registry_url(self) -> str:
        """Give the registry's address."""
        if self._registry is None:
            raise Misconfigured("there is no registry here", hint="start with registry=True")
        return self._registry.url

    @property
    def connection(self) -> Connection:
        """Give a connection to the broker."""
        return Connection(self.bootstrap_servers)

    @property
    def kafka_data(self) -> Path:
        """Give the directory in which the broker keeps its logs."""
        return self._started_kafka().data

    @property
    def pids(self) -> dict[str, int]:
        """Give the process id of each server."""
        return {name: child.pid for name, child in self._children.items()}

    def schema_registry(self) -> SchemaRegistry:
        """Give a new client of the registry; the caller closes it."""
        return SchemaRegistry(self.registry_url)

    def __enter__(self) -> LocalServers:
        """Start both at the same time and wait until they serve."""
        try:
            files = server_files(self._cache)
            self._start_somewhere(files)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop both, and remove the directory when it was a temporary one."""
        self.stop()

    def stop(self) -> None:
        """Stop what runs; safe to call twice."""
        stop_all(self._children.values())
        self._children.clear()
        self._guard.close()
        if self._temporary:
            shutil.rmtree(self.run_directory, ignore_errors=True)

    def kill_kafka(self) -> None:
        """Kill the broker with SIGKILL, as a power cut would."""
        self._children.pop("kafka").kill()

    def kill_registry(self) -> None:
        """Kill the registry with SIGKILL."""
        self._children.pop("registry").kill()

    def start_kafka(self) -> None:
        """Start the broker again, on the same port and data, and wait until it serves."""
        self._start([self._started_kafka().spec()])

    def start_registry(self) -> None:
        """Start the registry again, on the same port and data, and wait until it serves."""
        if self._registry is not None:
            self._start([self._registry.spec()])

    def restart_kafka(self) -> None:
        """Stop the broker in order, unless it was killed, and start it again."""
        running = self._children.pop("kafka", None)
        if running is not None:
            stop_all([running])
        self.start_kafka()

    def _start_somewhere(self, files: ServerFiles) -> None:
        """Start on free ports; another program may take one first, so it is tried again."""
        for attempt in range(1, _START_TRIES + 1):
            try:
                self._start(self._specs(files))
            except Misconfigured as error:
                if attempt == _START_TRIES or "port" not in error.message:
                    raise
                stop_all(self._children.values())
                self._children.clear()
            else:
                return

    def _specs(self, files: ServerFiles) -> list[ProcessSpec]:
        ports = free_ports(4)
        kafka = KafkaServer(
            files, self.run_directory / "kafka", ports[0], ports[1], self._overrides
        )
        kafka.prepare()
        self._kafka = kafka
        if not self._with_registry:
            return [kafka.spec()]
        registry = RegistryServer(files, self.run_directory / "registry", ports[2], ports[3])
        registry.prepare()
        self._registry = registry
        return [kafka.spec(), registry.spec()]

    def _start(self, specs: list[ProcessSpec]) -> None:
        logs = self.run_directory / "logs"
        started = [Child(spec, logs / f"{spec.name}.log", self._guard) for spec in specs]
        self._children.update({child.spec.name: child for child in started})
        with WarmUp(self.connection) as warm_up:
            wait_until_ready(started, on_ready=warm_up.when_kafka)

    def _started_kafka(self) -> KafkaServer:
        if self._kafka is None:
            raise Misconfigured("the servers are not started", hint="use `with LocalServers()`")
        return self._kafka
