"""`recordbus audit publish-uses` and `recordbus audit uses`: owners learn of every use (R-41).

Invariant: an owner reads its own topic, which the broker's access rules keep for it; out of the log
itself only an auditor lists uses, and the log has that before the first line.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Annotated, Final

import typer

from recordbus import crashpoints, metrics, stopping
from recordbus import departments as department_files
from recordbus.audit.assembly import open_watch, uses_place
from recordbus.audit.auditing import AsJson, reading
from recordbus.audit.crash import USES_NAMES
from recordbus.audit.notes import verifier_key
from recordbus.audit.publishing import UsesPublisher, keep_publishing
from recordbus.audit.reader import decoded, leaves, read_mark
from recordbus.audit.show import show_use
from recordbus.audit.signed import SignedLog
from recordbus.audit.uses import Use, uses_of
from recordbus.clock import SystemClock
from recordbus.settings import Settings, load
from schemas.errors import CatalogError
from schemas.topics import checked_department

uses_commands = typer.Typer(add_completion=False)
_CLIENT: Final = "recordbus-uses"


@uses_commands.command("publish-uses")
def publish_uses(
    log_key: Annotated[
        str, typer.Option(help="The log's public key, where this process has not the key itself.")
    ] = "",
) -> None:
    """Tell every owner of the uses of its records, on its topic, until SIGTERM or Ctrl-C.

    An entry is told once it is under a signed checkpoint. One process is enough for a bus.
    """
    from recordbus.audit.kafka_uses import KafkaWriter
    from recordbus.kafka.connection import Connection
    from recordbus.kafka.registry import SchemaRegistry

    if crash_at := os.environ.get("RECORDBUS_CRASH_AT"):
        crashpoints.arm(crashpoints.exit_at(crash_at, USES_NAMES))
    settings = load()
    port = metrics.serve(settings.metrics.port, settings.metrics.host)
    typer.echo(f"metrics at http://{settings.metrics.host}:{port}/metrics")
    stop = stopping.until_told_to_stop()
    key = verifier_key(log_key) if log_key else open_watch(settings).log_key
    log = SignedLog(settings.audit_directory(), key)
    with ExitStack() as opened:
        registry = opened.enter_context(closing(SchemaRegistry.from_settings(settings.registry)))
        connection = Connection.from_settings(settings.kafka, client_id=_CLIENT)
        writer = opened.enter_context(closing(KafkaWriter(connection, registry)))
        publisher = UsesPublisher(
            log, uses_place(settings, key.name), writer, lambda: _owners(settings), SystemClock()
        )
        keep_publishing(publisher, settings.audit.uses_seconds, stop,
                        lambda seconds: stopping.rest(seconds, stop))  # fmt: skip


@uses_commands.command("uses")
def show_uses(
    department: Annotated[str, typer.Option(help="The owner whose records were used.")],
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on with what comes, until Ctrl-C.")
    ] = False,
    start: Annotated[int, typer.Option("--from", min=0, help="From this sequence on.")] = 0,
    requester: Annotated[
        str, typer.Option(help="An auditor who lists them out of the log instead; audited too.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Show who used a department's records or was denied them, for whom and for what.

    Reads the owner's topic, as the owner does; with --requester, the log, as an auditor.
    """
    if requester and follow:
        raise typer.BadParameter("an auditor lists what is in the log now; leave out --follow")
    try:
        checked_department(department)
    except CatalogError as error:
        raise typer.BadParameter(str(error)) from None
    settings = load()
    if requester:
        with reading(settings, "uses", requester, {"department": department, "from": start}):
            _show(_in_log(settings.audit_directory(), department, start), start, as_json=as_json)
    else:
        _show(_on_topic(settings, department, follow=follow), start, as_json=as_json)


def _show(uses: Iterator[Use], start: int, *, as_json: bool) -> None:
    for use in uses:
        if use.sequence >= start:
            show_use(use, as_json=as_json)


def _in_log(directory: Path, department: str, start: int) -> Iterator[Use]:
    entries = (decoded(leaf) for leaf in leaves(directory, read_mark(directory), start))
    return (use for each in entries for use in uses_of(each) if use.department == department)


def _on_topic(settings: Settings, department: str, *, follow: bool) -> Iterator[Use]:
    from recordbus.audit.kafka_uses import uses_on_topic
    from recordbus.kafka.connection import Connection
    from recordbus.kafka.consumer import LogReader
    from recordbus.kafka.registry import SchemaRegistry

    connection = Connection.from_settings(settings.kafka, client_id=_CLIENT)
    stop = stopping.until_told_to_stop()
    with (
        closing(SchemaRegistry.from_settings(settings.registry)) as registry,
        closing(LogReader(connection)) as reader,
    ):
        yield from uses_on_topic(reader, registry, department, follow=follow,
                                 should_stop=stop)  # fmt: skip


def _owners(settings: Settings) -> Collection[str]:
    return department_files.load(settings.departments_path()).names
