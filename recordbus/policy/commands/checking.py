"""`recordbus policy check`: every mistake of agreement files, with file, line and column."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recordbus.errors import ExitCode, Misconfigured
from recordbus.policy.commands.options import Json
from recordbus.settings import load

if TYPE_CHECKING:
    from recordbus.policy.folder import CheckedFile


def check(
    paths: Annotated[list[Path], typer.Argument(help="Agreement files, or folders of them.")],
    strict: Annotated[bool, typer.Option("--strict", help="Take warnings for mistakes.")] = False,
    as_json: Json = False,
) -> None:
    """Check agreements without putting them into force; needs no signature."""
    from recordbus.policy.folder import check_files, files_of
    from recordbus.policy.store import places_of

    checked = check_files(files_of(paths), places_of(load()))
    if not checked:
        raise Misconfigured(f"there is no agreement in {', '.join(map(str, paths))}")
    bad = [each for each in checked if each.mistakes or (strict and each.warnings)]
    if as_json:
        typer.echo(json.dumps({"valid": not bad, "files": [_row(each) for each in checked]}))
    else:
        for each in checked:
            _tell(each)
        typer.echo(f"{len(checked) - len(bad)} of {len(checked)} agreements are sound")
    if bad:
        raise typer.Exit(ExitCode.MISCONFIGURED)


def _tell(checked: CheckedFile) -> None:
    for says, problems in (("error", checked.mistakes), ("warning", checked.warnings)):
        for each in problems:
            typer.echo(f"{checked.path}:{each.line}:{each.column}: {says}: {each.message}")


def _row(checked: CheckedFile) -> dict[str, Any]:
    agreement = checked.agreement
    return {
        "file": str(checked.path),
        "agreement": agreement.id if agreement else None,
        "version": agreement.version if agreement else None,
        "errors": [each._asdict() for each in checked.mistakes],
        "warnings": [each._asdict() for each in checked.warnings],
    }
