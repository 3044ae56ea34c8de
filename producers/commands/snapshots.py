"""`recordbus publish csv`: what changed in an export since the one accepted last."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from producers.commands.options import AsJson, Department, MappingName
from producers.connectors.csv_snapshot import Account, Options
from producers.progress import live, show_accounts
from producers.session import open_session
from producers.shipped import find_mapping
from recordbus.errors import Refused
from recordbus.metrics import Exposition
from recordbus.settings import load


def csv(
    file: Annotated[Path, typer.Argument(help="A CSV export, or the folder of a snapshot.")],
    mapping_name: MappingName,
    department: Department,
    approve: Annotated[
        bool, typer.Option("--approve", help="Publish a snapshot that would be held.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Map and check everything, send nothing.")
    ] = False,
    metrics_port: Annotated[
        int | None,
        typer.Option("--metrics-port", help="Show /metrics on this port for as long as it runs."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Publish what changed in a CSV export since the one accepted last."""
    console = Console()
    found = find_mapping(mapping_name)
    accounts: list[Account] = []
    with (
        _metrics_page(metrics_port),
        open_session(load(), department, dry_run=dry_run) as session,
        live(console, wanted=not as_json) as on_progress,
    ):
        options = Options(approve=approve, dry_run=dry_run, progress=on_progress)
        accounts.extend(session.publish_path(found, file, options))
    if as_json:
        typer.echo(json.dumps(_as_json(accounts)))
    else:
        show_accounts(console, accounts)
    _refuse_held(accounts)


def _metrics_page(port: int | None) -> AbstractContextManager[object]:
    return nullcontext() if port is None else Exposition(port, load().metrics.host)


def _as_json(accounts: Sequence[Account]) -> dict[str, object]:
    return {
        "accounts": [
            account.to_json() | {"refusals": [refusal._asdict() for refusal in account.refusals]}
            for account in accounts
        ]
    }


def _refuse_held(accounts: Sequence[Account]) -> None:
    held = [account for account in accounts if account.ending == "held"]
    if held:
        raise Refused(
            "suspicious_delete_ratio",
            "; ".join(f"{account.file} is held: {account.held_because}" for account in held),
            hint="look at the export; if it is right, run the same command with --approve",
        )
