"""`recordbus conformance`: a department's check of its own records before it goes live."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from producers.commands.options import AsJson
from producers.conformance import Findings, check
from producers.conformance.fetching import LINES, fetched, is_address
from producers.conformance.show import is_ready, lines_of
from producers.shipped import find_mapping
from recordbus import rehearsals
from recordbus.clock import SystemClock
from recordbus.errors import ExitCode, Misconfigured

conformance = typer.Typer(add_completion=False, rich_markup_mode=None)


@conformance.command()
def conformance_command(
    file: Annotated[
        str,
        typer.Argument(
            help="A CSV export, a snapshot's folder, records as JSON lines, or the http(s) address "
            "of one such file."
        ),
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

    Nothing is sent or kept, and nothing connected to but an address that was named. Ends with 0
    when the records are ready to go live, with 1 when more than `--allow` of them would not be on
    the bus.
    """
    if is_address(file):
        with TemporaryDirectory(prefix="recordbus-conformance-") as folder:
            findings = _checked(fetched(file, Path(folder)), mapping_name)
    else:
        findings = _checked(Path(file), mapping_name)
    ready = is_ready(findings, allow)
    if as_json:
        typer.echo(json.dumps(findings.to_json() | {"allowed": allow, "ready": ready}))
    else:
        for line in lines_of(findings, allow):
            typer.echo(line)
    if not ready:
        raise typer.Exit(ExitCode.FAILED)


def _checked(file: Path, mapping_name: str | None) -> Findings:
    if mapping_name is None and file.suffix.lower() not in LINES:
        raise Misconfigured(
            f"{file.name} is no file of JSON lines (.jsonl), and an export needs its mapping",
            hint="name the mapping with --mapping; `recordbus mapping list` shows those shipped",
        )
    mapping = None if mapping_name is None else find_mapping(mapping_name)
    return check(file, mapping, rehearsals.find(), SystemClock())
