"""How a snapshot is shown while it is published and afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from producers.connectors.csv_snapshot import Account
from producers.connectors.csv_snapshot.run import Progress as OnProgress

_REFUSALS_SHOWN: Final = 20
_ENDINGS: Final = {"published": "published", "held": "HELD", "dry_run": "dry run"}


@contextmanager
def live(console: Console, *, wanted: bool) -> Iterator[OnProgress]:
    """Show accounts while they grow, on a terminal; elsewhere show nothing."""
    if not wanted or not console.is_terminal:
        yield lambda _account: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as shown:
        tasks: dict[str, object] = {}

        def on_progress(account: Account) -> None:
            if account.export not in tasks:
                tasks[account.export] = shown.add_task(account.export, total=None)
            task = tasks[account.export]
            shown.update(task, description=_line(account))  # type: ignore[arg-type]

        yield on_progress


def _line(account: Account) -> str:
    return (
        f"{account.file}: {account.read} read, {account.accepted} accepted, "
        f"{account.unchanged} unchanged, {account.refused.total()} refused"
    )


def show_accounts(console: Console, accounts: Sequence[Account]) -> None:
    """Print what became of the rows: a table for people, lines where there is no terminal."""
    if console.is_terminal:
        console.print(_table(accounts))
    for account in accounts:
        if not console.is_terminal:
            console.print(_plain(account), soft_wrap=True)
        _show_remarks(console, account)


def _table(accounts: Sequence[Account]) -> Table:
    table = Table("export", "ending")
    for name in ("read", "accepted", "unchanged", "duplicates", "refused", "withdrawn"):
        table.add_column(name, justify="right")
    for account in accounts:
        numbers = (
            account.read,
            account.accepted,
            account.unchanged,
            account.duplicates,
            account.refused.total(),
            account.withdrawn,
        )
        table.add_row(account.export, _ENDINGS[account.ending], *(f"{n:,}" for n in numbers))
    return table


def _plain(account: Account) -> str:
    return (
        f"{account.export}: {_ENDINGS[account.ending]}; read {account.read} = "
        f"accepted {account.accepted} + unchanged {account.unchanged} + "
        f"duplicates {account.duplicates} + refused {account.refused.total()}; "
        f"withdrawn {account.withdrawn}"
    )


def _show_remarks(console: Console, account: Account) -> None:
    for warning in account.warnings:
        console.print(f"  warning: {warning}", soft_wrap=True, markup=False)
    for reason, count in sorted(account.refused.items()):
        console.print(f"  refused {count}: {reason}", soft_wrap=True, markup=False)
    for refusal in account.refusals[:_REFUSALS_SHOWN]:
        console.print(
            f"    {refusal.file}:{refusal.line} {refusal.reason}: {refusal.detail}",
            soft_wrap=True,
            markup=False,
        )
    if len(account.refusals) > _REFUSALS_SHOWN:
        console.print(f"    ... and {account.refused.total() - _REFUSALS_SHOWN} more; see --json")
    if account.withdrawals_held:
        console.print(
            f"  {account.withdrawals_held} vanished records were not withdrawn, since rows "
            "without a readable key may be theirs; look at those rows, or use --approve",
            soft_wrap=True,
        )
    if account.held_because:
        console.print(f"  held: {account.held_because}", soft_wrap=True, markup=False)
