"""`recordbus synth`: writes a synthetic county to a folder.

For people a bar and a table; with --json one object on standard output, whatever stands there.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from producers.synthetic.departments import DEPARTMENTS
from producers.synthetic.person_rows import write_person_rows
from producers.synthetic.world import World
from producers.synthetic.writer import write_world
from recordbus import departments
from recordbus.departments import Contact, Department

synth = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@synth.command()
def write(
    out: Annotated[Path, typer.Option("--out", help="A new or empty folder for the files.")],
    people: Annotated[int, typer.Option("--people", min=1, help="How many people live there.")],
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same files.")] = 1,
    snapshots: Annotated[
        int, typer.Option("--snapshots", min=1, max=1000, help="Days of exports, each complete.")
    ] = 1,
    with_people: Annotated[
        bool,
        typer.Option(
            "--people-csv", help="Also write OUT/people.csv, as `recordbus resolve` reads it."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write a made-up county as the exports of five fictional departments.

    OUT/departments.yaml says who they are; OUT/<department>/snapshot-0001/ holds a department's
    files; OUT/truth/ who is who and what was injected, which no publisher reads. Nothing in it is
    about a real person.
    """
    world = World(people, seed, snapshots)
    started = time.monotonic()
    manifest = write_world(world, out) if as_json else _with_bar(world, out)
    elapsed_seconds = time.monotonic() - started
    save_departments(out / "departments.yaml")
    if with_people:
        manifest["people_rows"] = write_person_rows(world, out)
    if as_json:
        manifest |= {"elapsed_seconds": round(elapsed_seconds, 3), "out": str(out)}
        typer.echo(json.dumps(manifest))
    else:
        _show(manifest, elapsed_seconds)


def save_departments(path: Path) -> None:
    """Write the registry of the five departments, without secrets: `recordbus up` makes those."""
    departments.save(
        path,
        [
            Department(
                name=each.name,
                title=each.title,
                ori=each.ori,
                contact=Contact(**asdict(each.contact)),
            )
            for each in DEPARTMENTS
        ],
    )


def _with_bar(world: World, out: Path) -> dict[str, Any]:
    bar = Progress(
        TextColumn("people"),
        BarColumn(),
        TextColumn("{task.completed:,}/{task.total:,.0f}  records {task.fields[records]:,}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
    with bar:
        task = bar.add_task("people", total=world.people, records=0)
        return write_world(
            world,
            out,
            lambda people, records: bar.update(task, completed=people, records=records),
        )


def _show(manifest: dict[str, Any], elapsed_seconds: float) -> None:
    table = Table("department", "snapshot", "rows", "records", "refused", "duplicates")
    for name, department in manifest["departments"].items():
        for number, counts in enumerate(department["snapshots"], 1):
            table.add_row(
                name,
                str(number),
                f"{counts['rows']:,}",
                f"{counts['records']:,}",
                f"{sum(counts['refused'].values()):,}",
                f"{counts['duplicates']:,}",
            )
    console = Console()
    console.print(table)
    rate = manifest["records"] / elapsed_seconds
    console.print(
        f"{manifest['records']:,} records, {manifest['rows']:,} rows in {elapsed_seconds:.1f} s "
        f"({rate:,.0f} records/s)"
    )
