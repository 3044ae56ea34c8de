"""`recordbus publish outbox`: the relay of a department's transactional outbox."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, TypeVar

import typer

from producers.commands.options import AsJson, Department
from producers.connectors.outbox import STEPS, Outbox, ddl
from producers.connectors.outbox.service import OutboxService, Pace
from producers.publisher import Publisher
from producers.session import connect, owner_of
from recordbus import crashpoints, metrics
from recordbus.clock import SystemClock
from recordbus.errors import Misconfigured
from recordbus.settings import Settings, load
from recordbus.stopping import until_told_to_stop

outbox = typer.Typer(
    add_completion=False,
    help="Publish the rows of a transactional outbox.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_POSTGRES: Final = ("postgresql://", "postgres://")
_WOKEN_TIMES: Final = 20
_SHOWN: Final = 1000
_Found = TypeVar("_Found")

Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        help="Path of a SQLite file, or a PostgreSQL address; the setting when not given.",
    ),
]


class Engine(StrEnum):
    """The databases that an outbox may be in."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"


@outbox.command("ddl")
def print_ddl(
    engine: Annotated[Engine, typer.Argument(help="The database that the outbox is in.")],
) -> None:
    """Print the statements that make the table."""
    typer.echo(ddl(engine.value), nl=False)


@outbox.command()
def run(
    department: Department,
    database: Database = None,
    once: Annotated[bool, typer.Option("--once", help="End when nothing waits any more.")] = False,
    as_json: AsJson = False,
) -> None:
    """Carry rows to the bus as they are committed, until told to end; or once."""
    if crash_at := os.environ.get("RECORDBUS_CRASH_AT"):
        crashpoints.arm(crashpoints.exit_at(crash_at, STEPS))
    settings = load()
    opened = _opened(settings, database)
    service = OutboxService(
        department,
        opened,
        _connecting(settings, department),
        SystemClock(),
        _pace(settings, opened),
    )
    if once:
        _drain(service, as_json=as_json)
        return
    port = metrics.serve(settings.metrics.port, settings.metrics.host)
    typer.echo(f"metrics at http://{settings.metrics.host}:{port}/metrics")
    service.run(until_told_to_stop())


@outbox.command()
def refused(database: Database = None, as_json: AsJson = False) -> None:
    """List the rows that were set aside, and why."""
    found = _asked(database, lambda opened: opened.refusals(_SHOWN))
    if as_json:
        typer.echo(json.dumps([each._asdict() for each in found]))
        return
    for each in found:
        typer.echo(f"{each.id}: {each.verb} {each.record_kind}: {each.reason}: {each.detail}")
    typer.echo(f"{len(found)} refused" + (" or more" if len(found) == _SHOWN else ""))


@outbox.command()
def retry(
    row: Annotated[
        list[int] | None, typer.Argument(help="Rows by id; all that are refused when none.")
    ] = None,
    database: Database = None,
) -> None:
    """Let refused rows wait again, once what was wrong with them is corrected."""
    count = _asked(database, lambda opened: opened.retry(row or []))
    typer.echo(f"{count} rows wait again")


@outbox.command()
def status(database: Database = None, as_json: AsJson = False) -> None:
    """Say how many rows wait, since when, and how many were refused."""
    found = _asked(database, lambda opened: opened.backlog())
    oldest = found.oldest.isoformat() if found.oldest else None
    if as_json:
        shown = {"waiting": found.waiting, "oldest": oldest, "refused": found.refused}
        typer.echo(json.dumps(shown))
        return
    since = f", the oldest since {oldest}" if oldest else ""
    typer.echo(f"{found.waiting} waiting{since}; {found.refused} refused")


# --- inside ------------------------------------------------------------------------------


def _drain(service: OutboxService, *, as_json: bool) -> None:
    try:
        done = service.drain()
    finally:
        service.close()
    if as_json:
        typer.echo(json.dumps({"published": done.published, "refused": done.refused,
                               "another_relay_runs": done.is_standby}))  # fmt: skip
    elif done.is_standby:
        typer.echo("another relay has this outbox; nothing was done")
    else:
        typer.echo(f"{done.published} published, {done.refused} refused")


def _asked(database: str | None, ask: Callable[[Outbox], _Found]) -> _Found:
    opened = _opened(load(), database)
    try:
        return ask(opened)
    finally:
        opened.close()


def _opened(settings: Settings, database: str | None) -> Outbox:
    """Give the outbox that the option names, or else the settings."""
    stated = settings.outbox.database
    address = database or (stated.get_secret_value() if stated else None)
    if address is None:
        raise Misconfigured(
            "nothing says which database holds the outbox",
            hint="set RECORDBUS_OUTBOX__DATABASE, or give --database",
        )
    if not address.startswith(_POSTGRES) and "=" not in address:
        from producers.connectors.outbox.sqlite import SqliteOutbox

        return SqliteOutbox(Path(address))
    try:
        from producers.connectors.outbox.postgres import PostgresOutbox
    except ImportError as error:
        raise Misconfigured(
            "PostgreSQL cannot be spoken to here",
            hint="install the extra: pip install 'recordbus[postgres]'",
        ) from error
    return PostgresOutbox(address)


def _pace(settings: Settings, opened: Outbox) -> Pace:
    chosen = settings.outbox
    longest = chosen.idle_seconds * (_WOKEN_TIMES if opened.wakes else 1)
    return Pace(
        shortest_seconds=min(0.02, longest),
        longest_seconds=longest,
        keep=timedelta(days=chosen.keep_days),
        batch_rows=chosen.batch_rows,
    )


def _connecting(
    settings: Settings, department: str
) -> Callable[[], AbstractContextManager[Publisher]]:
    owner = owner_of(settings, department)

    @contextmanager
    def connected() -> Iterator[Publisher]:
        publisher, close = connect(settings, owner)
        try:
            yield publisher
        finally:
            close()

    return connected
