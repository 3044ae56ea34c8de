"""`recordbus up`, `down` and `status`: the whole bus on this machine, as one thing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from recordbus.errors import ExitCode, Misconfigured, RecordbusError, Retryable
from recordbus.kafka.cli import schemas, topics
from recordbus.local import status as local_status
from recordbus.local.run_directory import RunDirectory, RunState, is_running
from recordbus.settings import Settings, load

if TYPE_CHECKING:
    from recordbus.local.advice import Advice
    from recordbus.local.stack import Plan

__all__ = ["down", "schemas", "status", "topics", "up"]

STEP_SECONDS: Final = 0.1
_STOP_SECONDS: Final = 60.0
_START_SECONDS: Final = 600.0

up = typer.Typer(rich_markup_mode=None, add_completion=False)
down = typer.Typer(rich_markup_mode=None, add_completion=False)
status = typer.Typer(rich_markup_mode=None, add_completion=False)

_RunDirectory = Annotated[
    Path | None,
    typer.Option("--run-directory", help="Data, logs and ports; the setting when not given."),
]


@up.command()
def up_command(
    run_directory: _RunDirectory = None,
    free_ports: Annotated[
        bool,
        typer.Option("--free-ports", help="Take any free ports instead of those in the settings."),
    ] = False,
    detach: Annotated[
        bool, typer.Option("--detach", help="Return once all is ready; `down` ends it.")
    ] = False,
    servers_only: Annotated[
        bool, typer.Option("--servers-only", help="Run Kafka and the registry, but no worker.")
    ] = False,
) -> None:
    """Run the bus on this machine: Kafka, the schema registry and every worker.

    Stays until Ctrl-C. Goes on with the data of the last run in the same directory. The first
    run fetches the servers' files, which later runs need no network for.
    """
    settings = _settings(run_directory)
    run = RunDirectory(settings.run_directory)
    if detach:
        options = [
            *(["--free-ports"] if free_ports else []),
            *(["--servers-only"] if servers_only else []),
        ]
        state = _detached(run, options)
        _show(run, state)
    else:
        with run.claim():
            _attended(settings, run, free_ports=free_ports, servers_only=servers_only)


@down.command()
def down_command(run_directory: _RunDirectory = None) -> None:
    """Stop the bus of a run directory, workers first, and wait until it is gone."""
    from recordbus.local.supervisor import end_leftovers

    run = RunDirectory(_settings(run_directory).run_directory)
    state = run.read()
    if state is None:
        typer.echo(f"nothing runs in {run.root}")
        return
    if state.is_alive():
        _end_supervisor(state)
    for name in end_leftovers(state.processes):
        typer.echo(f"ended {name}, which had been left")
    typer.echo(f"stopped; the data stays in {run.root}")


@status.command()
def status_command(
    run_directory: _RunDirectory = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what is up: processes, ports, readiness, and what to do next about what is not well.

    Ends with 69 when not all of it is up.
    """
    found = local_status.read(RunDirectory(_settings(run_directory).run_directory))
    told = found.as_json()
    next_steps = _advice(told["processes"]) if found.running else []
    if as_json:
        typer.echo(json.dumps(told | {"next": [each._asdict() for each in next_steps]}))
    else:
        for line in (*found.as_lines(), *(each.line for each in next_steps)):
            typer.echo(line)
    if not found.ready:
        raise typer.Exit(ExitCode.UNAVAILABLE)


def _advice(processes: list[dict[str, Any]]) -> list[Advice]:
    from recordbus.local.advice import advice
    from recordbus.local.demo.numbers import scrape

    ports = (each["ports"].get("metrics") for each in processes if each["live"])
    return advice(processes, scrape(port for port in ports if port))


def _settings(run_directory: Path | None) -> Settings:
    settings = load()
    if run_directory is None:
        return settings
    return settings.model_copy(update={"run_directory": run_directory.absolute()})


def _attended(
    settings: Settings, run: RunDirectory, *, free_ports: bool, servers_only: bool
) -> None:
    """Run the bus until a signal says to stop; stops whatever was started, however it ends."""
    from recordbus.local.install import server_files
    from recordbus.local.progress import shown
    from recordbus.local.stack import Stack

    _on_signals(_interrupt)
    stack = Stack(run, planned(settings, free_ports=free_ports, servers_only=servers_only), _tell)
    reason = ""
    try:
        with shown() as progress:
            files = server_files(settings.cache, progress=progress)
        _show(run, stack.start(files))
        typer.echo("ready; Ctrl-C stops it")
        while True:
            stack.step()
            time.sleep(STEP_SECONDS)
    except KeyboardInterrupt:
        typer.echo("stopping", err=True)
    except RecordbusError as error:
        reason = error.message
        raise
    finally:
        _on_signals(signal.SIG_IGN)
        stack.stop(reason)


def planned(settings: Settings, *, free_ports: bool, servers_only: bool) -> Plan:
    """Give what to run by these settings."""
    from recordbus.kafka.catalogue import partitions_by_group
    from recordbus.local.stack import Plan, local_port
    from recordbus.local.workers import wanted_workers

    brokers = settings.kafka.bootstrap_servers
    address = settings.registry.url.removeprefix("http://").split("/")[0]
    gateway, portal = settings.gateway.enabled, settings.feeds.portal.enabled
    return Plan(
        departments=settings.departments_path().absolute(),
        identifier_key=settings.identifier_key_path().absolute(),
        kafka_port=None if free_ports else local_port(brokers, "kafka.bootstrap_servers"),
        registry_port=None if free_ports else local_port(address, "registry.url"),
        partitions=partitions_by_group(settings.stage),
        workers=()
        if servers_only
        else wanted_workers(gateway=gateway, feeds=settings.feeds.enabled, portal=portal),
        token_keys=settings.token_keys_path().absolute() if gateway or portal else None,
        agency=settings.search.agency,
    )


def _detached(run: RunDirectory, options: list[str]) -> RunState:
    """Start a supervisor of its own session and wait until it is ready."""
    run.logs.mkdir(parents=True, exist_ok=True)
    log = run.logs / "up.log"
    command = [sys.executable, "-m", "recordbus", "up", "--run-directory", str(run.root), *options]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        state = run.read()
        if state and state.pid == process.pid and state.phase == "ready":
            return state
        if process.poll() is not None:
            raise _did_not_come_up(process.returncode, log)
        time.sleep(STEP_SECONDS)
    process.terminate()
    raise Retryable(f"the bus was not ready after {_START_SECONDS:g} s", hint=f"see {log}")


def _did_not_come_up(code: int, log: Path) -> RecordbusError:
    last = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-4:])
    kind = Misconfigured if code == ExitCode.MISCONFIGURED else Retryable
    return kind(f"the bus did not come up (exit code {code}):\n{last}", hint=f"see {log}")


def _end_supervisor(state: RunState) -> None:
    os.kill(state.pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while is_running(state.pid, state.born):
        if time.monotonic() > deadline:
            raise Retryable(
                f"the supervisor {state.pid} did not stop within {_STOP_SECONDS:g} s",
                hint=f"look at its log; kill -9 {state.pid} ends it and all its children",
            )
        time.sleep(STEP_SECONDS)


def _show(run: RunDirectory, state: RunState) -> None:
    for line in local_status.Status(str(run.root), state).as_lines():
        typer.echo(line)
    typer.echo(f"other commands find it with: recordbus --config {run.config} ...")


def _tell(sentence: str) -> None:
    typer.echo(sentence, err=True)


def _on_signals(handler: signal.Handlers | Callable[[int, FrameType | None], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
