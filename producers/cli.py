"""`recordbus publish` and `recordbus mapping`: a department's side of the bus."""

from __future__ import annotations

import typer

from producers.commands.mappings import mapping
from producers.commands.outbox import outbox
from producers.commands.snapshots import csv
from producers.commands.verbs import (
    actions,
    dispute,
    expunge,
    resolve_dispute,
    seal,
    unseal,
    withdraw,
)
from producers.commands.watch import watch

__all__ = ["mapping", "publish"]

publish = typer.Typer(
    add_completion=False,
    help="Publish a department's records.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
for command in (csv, withdraw, seal, expunge, unseal, dispute, resolve_dispute, actions):
    publish.command()(command)
publish.add_typer(outbox, name="outbox")
publish.add_typer(watch, name="watch")
