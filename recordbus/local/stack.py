"""The whole bus on one machine: servers, topics, schemas and workers, under one supervisor.

What it needs to go on after a crash is in the run directory: data, secrets, and the ports that
clients may remember.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from recordbus import departments as department_file
from recordbus.errors import Misconfigured
from recordbus.kafka.admin import Admin
from recordbus.kafka.catalogue import register_all, wanted_topics
from recordbus.kafka.connection import Connection
from recordbus.kafka.registry import SchemaRegistry
from recordbus.local.cache import ServerFiles
from recordbus.local.disk import writing
from recordbus.local.kafka_server import KafkaServer
from recordbus.local.ports import free_ports, require_free
from recordbus.local.registry_server import RegistryServer
from recordbus.local.run_directory import Phase, RunDirectory, RunState, myself
from recordbus.local.supervisor import Supervisor, end_leftovers
from recordbus.local.warm import WarmUp
from recordbus.local.workers import WORKERS, Worker, worker_spec
from recordbus.secret_files import make_secret
from recordbus.web.issuing import make_key

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: fixed ports or, where None, any free ones; and the workers.

    `token_keys` is the file of keys that doors check tokens with, where one is to run, and `agency`
    the one whose people search this bus.
    """

    departments: Path
    identifier_key: Path
    kafka_port: int | None = None
    registry_port: int | None = None
    partitions: Mapping[str, int] | None = None
    workers: tuple[Worker, ...] = WORKERS
    token_keys: Path | None = None
    agency: str | None = None


class Stack:
    """The bus of one run directory, which the caller has claimed."""

    def __init__(self, run: RunDirectory, plan: Plan, tell: Tell) -> None:
        self._run = run
        self._plan = plan
        self._tell = tell
        self._phase: Phase = "starting"
        self._message = ""
        self._earlier = run.read()
        self._supervisor = Supervisor(run.logs, tell=tell, changed=self._write)
        self._kafka: KafkaServer | None = None
        self._registry: RegistryServer | None = None

    def start(self, files: ServerFiles) -> RunState:
        """Start everything and return its state once all of it is ready.

        Goes on from the data of an earlier run, ending first what that left running.
        """
        if self._earlier:
            for name in end_leftovers(self._earlier.processes):
                self._tell(f"ended {name}, which an earlier run had left")
        ready_departments(self._plan.departments)
        make_secret(self._plan.identifier_key)
        ready_token_keys(self._plan.token_keys)
        self._start_servers(files)
        self._fill_catalogue()
        self._start_workers()
        self._phase = "ready"
        self._write()
        return self.state()

    def step(self) -> None:
        """Look after the children once; call it a few times a second."""
        self._supervisor.step()

    def stop(self, message: str = "") -> None:
        """Stop everything, workers first; `message` says why, for `status`."""
        self._message = message
        self._supervisor.stop()
        self._phase = "gave up" if message else "stopped"
        self._write()

    def state(self) -> RunState:
        """Give the present state of the bus."""
        pid, born = myself()
        return RunState(
            pid=pid,
            born=born,
            phase=self._phase,
            bootstrap_servers=self._kafka.bootstrap_servers if self._kafka else "",
            registry_url=self._registry.url if self._registry else "",
            message=self._message,
            processes=self._supervisor.states(),
        )

    def environment(self) -> dict[str, str]:
        """Give the variables by which other commands find this bus."""
        state = self.state()
        return {
            "RECORDBUS_KAFKA__BOOTSTRAP_SERVERS": state.bootstrap_servers,
            "RECORDBUS_REGISTRY__URL": state.registry_url,
            "RECORDBUS_RUN_DIRECTORY": str(self._run.root),
            "RECORDBUS_DEPARTMENTS_FILE": str(self._plan.departments),
        }

    def _start_servers(self, files: ServerFiles) -> None:
        ports = self._ports()
        kafka = KafkaServer(files, self._run.root / "kafka", ports[0], ports[1])
        registry = RegistryServer(files, self._run.root / "registry", ports[2], ports[3])
        kafka.prepare()
        registry.prepare()
        self._kafka, self._registry = kafka, registry
        write_config(self._run, kafka.bootstrap_servers, registry.url, self._plan.agency)
        with WarmUp(Connection(kafka.bootstrap_servers)) as warm_up:
            self._supervisor.start([kafka.spec(), registry.spec()], warm_up.when_kafka)

    def _fill_catalogue(self) -> None:
        state = self.state()
        names = department_file.load(self._plan.departments).names
        wanted = wanted_topics(names, self._plan.partitions)
        Admin(Connection(state.bootstrap_servers)).apply_topics(wanted)
        registry = SchemaRegistry(state.registry_url)
        try:
            register_all(registry, names)
        finally:
            registry.close()

    def _start_workers(self) -> None:
        workers = self._plan.workers
        earlier = self._earlier.ports() if self._earlier else {}
        known = [earlier.get(f"{worker.name}.metrics", 0) for worker in workers]
        ports = free_ports(len(workers), [port for port in known if port])
        environment = self.environment()
        self._supervisor.start(
            worker_spec(worker, environment, port, self._run.root)
            for worker, port in zip(workers, ports, strict=True)
        )

    def _ports(self) -> tuple[int, int, int, int]:
        """Choose Kafka's two ports and the registry's: fixed, as before, or free."""
        before = self._earlier.ports() if self._earlier else {}
        uses = ("kafka.clients", "kafka.controller", "registry.http", "registry.management")
        fixed = {"kafka.clients": self._plan.kafka_port, "registry.http": self._plan.registry_port}
        preferred = [before[use] for use in uses if use in before and fixed.get(use) is None]
        free = iter(free_ports(len(uses), preferred))
        chosen = [_fixed(fixed.get(use), use) or next(free) for use in uses]
        return chosen[0], chosen[1], chosen[2], chosen[3]

    def _write(self) -> None:
        self._run.write(self.state())


def ready_departments(path: Path) -> None:
    """Make an empty departments file where there is none, and secrets for those that lack one."""
    if not path.is_file():
        department_file.save(path, [])
        return
    known = department_file.load(path)
    lacking = [each for each in known if each.secret_file is None]
    complete = [
        each.model_copy(update={"secret_file": path.parent / "secrets" / f"{each.name}.key"})
        if each in lacking
        else each
        for each in known
    ]
    for each in complete:
        if each.secret_file is not None and not each.secret_file.exists():
            make_secret(each.secret_file)
    if lacking:
        department_file.save(path, complete)


def ready_token_keys(path: Path | None) -> None:
    """Make a key that signs tokens where they are asked for and nobody has put any."""
    if path is not None and not path.exists():
        make_key(path)


def write_config(
    run: RunDirectory, bootstrap_servers: str, registry_url: str, agency: str | None = None
) -> None:
    """Write the settings file by which other commands find this bus."""
    text = (
        "# Written by `recordbus up`: pass it to other commands with --config.\n"
        f'run_directory = "{run.root}"\n\n'
        f'[kafka]\nbootstrap_servers = "{bootstrap_servers}"\n\n'
        f'[registry]\nurl = "{registry_url}"\n'
    )
    if agency:
        text += f"\n[search]\nagency = {json.dumps(agency)}\n"
    partial = run.config.with_suffix(".new")
    with writing(run.root):
        partial.write_text(text, encoding="utf-8")
        partial.replace(run.config)


def _fixed(port: int | None, use: str) -> int | None:
    return None if port is None else require_free(port, use)


def local_port(address: str, what: str) -> int:
    """Give the port of a loopback `host:port`; raises Misconfigured for any other address."""
    host, _, port = address.rpartition(":")
    if host not in {"127.0.0.1", "localhost"} or not port.isdigit():
        raise Misconfigured(
            f"{what} is {address}, which is not on this machine",
            hint="`recordbus up` runs its own servers: set 127.0.0.1:PORT, or use --free-ports",
        )
    return int(port)
