"""`recordbus config`: what is set, where each value came from, and whether it can work."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from recordbus.errors import Misconfigured
from recordbus.settings import load
from recordbus.settings.origins import Shown, shown, unknown_variables

config = typer.Typer(
    add_completion=False, help="Show and check the settings.", no_args_is_help=True
)


@config.command()
def show(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per setting, as a list.")
    ] = False,
) -> None:
    """Show every setting, its value (secrets masked) and where the value came from."""
    rows = shown(load())
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in rows], indent=2))
        return
    console = Console()
    if console.is_terminal:
        console.print(_table(rows))
        return
    for row in rows:
        typer.echo(f"{row.name}\t{_text(row)}\t{row.origin}")


@config.command()
def check() -> None:
    """Check the settings: wrong values and unknown variables, without connecting anywhere."""
    settings = load()
    unknown = unknown_variables()
    if unknown:
        raise Misconfigured(
            f"these environment variables set nothing: {', '.join(unknown)}",
            hint="`recordbus config show` lists every setting; its variable is RECORDBUS_ and its "
            "name in capitals, with __ for the dot",
        )
    changed = sum(row.origin != "default" for row in shown(settings))
    typer.echo(f"The settings are valid; {changed} of them are not the default.")


def _table(rows: list[Shown]) -> Table:
    table = Table("setting", "value", "from", box=None, pad_edge=False)
    for row in rows:
        style = "dim" if row.origin == "default" else ""
        table.add_row(row.name, _text(row), row.origin, style=style)
    return table


def _text(row: Shown) -> str:
    return "-" if row.value is None else str(row.value)
