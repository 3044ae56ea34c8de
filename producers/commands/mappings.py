"""`recordbus mapping`: the mappings of departments' exports."""

from __future__ import annotations

from typing import Annotated

import typer

from producers.shipped import find_mapping, shipped_names

mapping = typer.Typer(
    add_completion=False,
    help="Check and list the mappings of departments' exports.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@mapping.command()
def check(
    file: Annotated[str, typer.Argument(help="A mapping file, or a shipped mapping's name.")],
) -> None:
    """Check a mapping; every mistake is named with its line."""
    found = find_mapping(file)
    for line, message in found.warnings:
        typer.echo(f"{file}:{line}: warning: {message}")
    kinds = ", ".join(f"{e.name} ({e.record_kind})" for e in found.exports.values())
    typer.echo(f"{found.name} is sound: {kinds}")


@mapping.command(name="list")
def list_mappings() -> None:
    """List the mappings that come with recordbus."""
    for name in shipped_names():
        typer.echo(f"{name}\t{find_mapping(name).title}")
