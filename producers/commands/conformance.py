"""`recordbus conformance`: a department's check of its own records before it goes live."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Final

import typer

from producers.commands.options import AsJson
from producers.conformance import check
from producers.conformance.show import is_ready, lines_of
from producers.shipped import find_mapping
from recordbus import rehearsals
from recordbus.clock import SystemClock
from recordbus.errors import ExitCode, Misconfigured

conformance = typer.Typer(add_completion=False, rich_markup_mode=None)

_LINES: Final = (".jsonl", ".ndjson", ".json")


@conformance.command()
def conformance_command(
    file: Annotated[
        Path, typer.Argument(help="A CSV export, a snapshot's folder, or records as JSON lines.")
    ],
    mapping_name: Annotated[
        str | None,
        typer.Option("--mapping", help="For exports: a shipped mapping's name, or a file."),
    ] = None,
    allow: Annotated[
        float,
        typer.Option("--allow", help="Share that may be refused or set aside.", min=0, max=1),
    ] = 0.01,
    as_json: AsJson = False,
) -> None:
    """Say what the bus would make of records: accepted, refused and why, and what it would tie.

    Nothing is connected to, sent or kept. Ends with 0 when the records are ready to go live,
    with 1 when more than `--allow` of them would not be on the bus.
    """
    if mapping_name is None and file.suffix.lower() not in _LINES:
        raise Misconfigured(
            f"{file} is no file of JSON lines (.jsonl), and an export needs its mapping",
            hint="name the mapping with --mapping; `recordbus mapping list` shows those shipped",
        )
    mapping = None if mapping_name is None else find_mapping(mapping_name)
    findings = check(file, mapping, rehearsals.find(), SystemClock())
    ready = is_ready(findings, allow)
    if as_json:
        typer.echo(json.dumps(findings.to_json() | {"allowed": allow, "ready": ready}))
    else:
        for line in lines_of(findings, allow):
            typer.echo(line)
    if not ready:
        raise typer.Exit(ExitCode.FAILED)
