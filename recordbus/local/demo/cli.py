"""`recordbus demo`: the whole bus in one command, on synthetic departments or on one's own CSV."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from recordbus import departments as department_file
from recordbus.clock import SystemClock
from recordbus.departments import Contact, Department
from recordbus.errors import Misconfigured
from recordbus.local.demo.bus import COMMAND, DemoBus
from recordbus.local.demo.feed import SETTINGS, facts_for_fugitive_unit
from recordbus.local.demo.publishing import Export
from recordbus.local.demo.run import Cast, show
from recordbus.local.demo.sharing import (
    TASK_FORCE,
    TASK_FORCE_ORI,
    shared_with_task_force,
    write_agreements,
)

demo = typer.Typer(add_completion=False, rich_markup_mode=None)

OWN_ORI = "ZZ0000000"


@demo.command()
def demo_command(
    people: Annotated[
        int, typer.Option("--people", min=50, help="How many people the synthetic county has.")
    ] = 7500,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same county.")] = 7,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Publish this CSV export instead of a county.")
    ] = None,
    mapping: Annotated[
        str | None,
        typer.Option("--mapping", help="The mapping of that export: a shipped name or a file."),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="End when everything was shown.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="End standard output with one JSON object.")
    ] = False,
    run_directory: Annotated[
        Path | None,
        typer.Option("--run-directory", help="Keep everything here; else a temporary folder."),
    ] = None,
) -> None:
    """Start the whole bus, publish, search, correct and expunge; stays until Ctrl-C."""
    if (csv is None) != (mapping is None):
        raise Misconfigured(
            "--csv and --mapping go together", hint="`recordbus mapping list` shows those shipped"
        )
    started = time.monotonic()
    console = Console(stderr=as_json, width=None if sys.stdout.isatty() else 120)
    signal.signal(signal.SIGTERM, _interrupt)
    with _directory(run_directory) as directory:
        if csv is not None and mapping is not None:
            cast = _own_export(directory, csv, mapping)
        else:
            cast = _county(directory, people, seed)
        console.print(f"starting Kafka, the schema registry and the workers in {directory}")
        today = SystemClock().now().date()
        made = (shared_with_task_force, facts_for_fugitive_unit)
        write_agreements(directory, [each(cast.owners, today) for each in made])
        with DemoBus(
            directory, TASK_FORCE, SETTINGS | {"RECORDBUS_SEARCH__AGENCY_ORI": TASK_FORCE_ORI}
        ) as bus:
            console.print(f"ready after {time.monotonic() - started:.1f} s")
            report = show(bus, cast, console, started)
            if as_json:
                typer.echo(json.dumps(report.as_json()))
            if not once:
                _stay(bus, console)


def _county(directory: Path, people: int, seed: int) -> Cast:
    """Have a synthetic county written, and its departments registered."""
    county = directory / "county"
    _run_quietly(
        "synth", "--people", str(people), "--seed", str(seed), "--snapshots", "2",
        "--out", str(county), "--json",
    )  # fmt: skip
    shutil.copy(county / "departments.yaml", directory / "departments.yaml")
    names = department_file.load(directory / "departments.yaml").names
    exports = [Export(name, name, county / name / "snapshot-0001") for name in names]
    return Cast(exports, county)


def _own_export(directory: Path, csv: Path, mapping: str) -> Cast:
    """Register one department, named after the mapping, for one's own export."""
    if not csv.exists():
        raise Misconfigured(f"there is no file {csv}", hint="give the export's path with --csv")
    name = re.sub(r"[^a-z0-9]+", "-", Path(mapping).stem.lower()).strip("-") or "department"
    contact = Contact(unit="Records", phone=None, email=None)
    own = Department(name=name, title=name, ori=OWN_ORI, contact=contact)
    department_file.save(directory / "departments.yaml", [own])
    chosen = str(Path(mapping).absolute()) if Path(mapping).exists() else mapping
    return Cast([Export(name, chosen, csv.absolute())], None)


def _run_quietly(*arguments: str) -> None:
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Misconfigured(
            f"`recordbus {' '.join(arguments)}` ended with {done.returncode}",
            hint=done.stderr.strip(),
        )


@contextmanager
def _directory(chosen: Path | None) -> Iterator[Path]:
    if chosen is not None:
        chosen.mkdir(parents=True, exist_ok=True)
        yield chosen.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="recordbus-demo-") as temporary:
        yield Path(temporary)


def _stay(bus: DemoBus, console: Console) -> None:
    console.print(
        f"\nthe bus goes on; try it from another terminal:\n"
        f"  recordbus --config {bus.config} search --name smith "
        f"--purpose training --case DEMO-1 --requester me\n"
        f"Ctrl-C stops it",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    try:
        signal.pause()
    except KeyboardInterrupt:
        console.print("stopping")


def _interrupt(_number: int, _frame: Any) -> None:
    raise KeyboardInterrupt
