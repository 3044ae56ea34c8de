"""`recordbus policy`: write agreements, sign them, and see what follows from them.

Nothing here brings in Cedar or the signatures before a command runs: `recordbus --help` loads this.
"""

from __future__ import annotations

import typer

from recordbus.policy.commands.changes import diff
from recordbus.policy.commands.checking import check
from recordbus.policy.commands.explaining import explain
from recordbus.policy.commands.signatures import keys, sign
from recordbus.policy.commands.standing import in_force

policy = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Write agreements about sharing, sign them, and see what follows from them.",
)
for command in (check, explain, diff, sign):
    policy.command()(command)
policy.command("list")(in_force)
policy.add_typer(keys, name="keys")

__all__ = ["policy"]
