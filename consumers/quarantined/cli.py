"""`recordbus quarantine`: what was set aside, why, and what to do about it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import orjson
import typer
from rich.console import Console

from consumers.quarantined.content import save_bytes
from consumers.quarantined.depth import leave_depth
from consumers.quarantined.entry import Entry, Wanted, counted
from consumers.quarantined.log import read_standing
from consumers.quarantined.show import (
    count_json,
    entry_json,
    show_counts,
    show_entries,
    show_entry,
)
from recordbus import departments
from recordbus.audit.assembly import open_audit
from recordbus.audit.roles import check_no_auditor
from recordbus.clock import SystemClock
from recordbus.errors import Misconfigured
from recordbus.ids import UuidSource
from recordbus.kafka.connection import Connection
from recordbus.kafka.registry import SchemaRegistry
from recordbus.settings import Settings, load
from schemas import catalog

quarantine = typer.Typer(
    add_completion=False,
    help="See what was set aside, why, and what to do about it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def since(text: str) -> datetime:
    """Read `36h` (30m, 7d, 2w) as that long ago, or `2026-11-01` as the start of that day, UTC."""
    ago = re.fullmatch(r"(\d{1,6})([mhdw])", text.strip())
    if ago:
        return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise typer.BadParameter("write 30m, 36h, 7d, 2w or a day such as 2026-11-01") from None


def _known_reasons(codes: list[str] | None) -> list[str]:
    unknown = sorted(set(codes or ()) - catalog.reasons().keys())
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)} is no reason code of this bus")
    return codes or []


Departments = Annotated[
    list[str] | None, typer.Option("--department", help="Only what this department sent.")
]
Reasons = Annotated[
    list[str] | None,
    typer.Option("--reason", help="Only with this reason code.", callback=_known_reasons),
]
Since = Annotated[
    datetime | None,
    typer.Option(
        parser=since, metavar="AGO|DAY", help="Set aside since then: 36h, 7d, or 2026-11-01 (UTC)."
    ),
]
RecordKey = Annotated[
    str, typer.Option("--record-key", help="Only of this record: its opaque key, or its beginning.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@quarantine.command("list")
def list_entries(
    department: Departments = None,
    reason: Reasons = None,
    since: Since = None,
    record_key: RecordKey = "",
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest ones.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List what stands in the quarantine, the newest last; never content of a record."""
    wanted = Wanted(frozenset(department or ()), frozenset(reason or ()), since, record_key)
    found = [entry for entry in _standing(load()) if wanted.takes(entry)]
    shown = found[-limit:]
    if as_json:
        told = {"total": len(found), "entries": [entry_json(entry) for entry in shown]}
        typer.echo(orjson.dumps(told))
        return
    show_entries(shown, Console())
    newest = "" if len(shown) == len(found) else f"; these are the newest {len(shown)}"
    typer.echo(f"{len(found)} set aside{newest}")


@quarantine.command()
def summary(
    department: Departments = None,
    reason: Reasons = None,
    since: Since = None,
    as_json: AsJson = False,
) -> None:
    """Count what stands in the quarantine by department and reason, the most frequent first.

    A count of everything is left for the node exporter too, where a textfile is set.
    """
    wanted = Wanted(frozenset(department or ()), frozenset(reason or ()), since)
    settings = load()
    counts = counted(entry for entry in _standing(settings) if wanted.takes(entry))
    if wanted == Wanted():
        leave_depth(counts, _departments(settings))
    total = sum(count.entries for count in counts)
    if as_json:
        told = {"total": total, "counts": [count_json(count) for count in counts]}
        typer.echo(orjson.dumps(told))
        return
    show_counts(counts, Console())
    typer.echo(f"{total} set aside")


@quarantine.command()
def show(
    position: Annotated[
        str, typer.Argument(help="Where it stood, as `list` says: topic/partition/offset.")
    ],
    bytes_file: Annotated[
        Path | None,
        typer.Option(
            "--bytes", help="Save its bytes as they came into this new file; this is audited."
        ),
    ] = None,
    requester: Annotated[
        str, typer.Option(help="Who reads the bytes; needed with --bytes, for the audit.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Show one entry: where it stood, why it was set aside, and what to do next."""
    settings = load()
    entry = _at(position, _standing(settings, bytes_of=position if bytes_file else ""))
    if bytes_file:
        check_no_auditor(requester, settings.auditors())
        with open_audit(settings) as audit:
            save_bytes(entry, bytes_file, requester, audit, SystemClock(), UuidSource())
    if as_json:
        typer.echo(orjson.dumps(entry_json(entry)))
    else:
        show_entry(entry, Console())


def _departments(settings: Settings) -> tuple[str, ...]:
    path = settings.departments_path()
    return departments.load(path).names if path.is_file() else ()


def _standing(settings: Settings, *, bytes_of: str = "") -> list[Entry]:
    registry = SchemaRegistry.from_settings(settings.registry)
    try:
        connection = Connection.from_settings(settings.kafka, "recordbus-quarantine")
        return read_standing(connection, registry, bytes_of=bytes_of)
    finally:
        registry.close()


def _at(position: str, entries: list[Entry]) -> Entry:
    for entry in entries:
        if entry.position == position:
            return entry
    raise Misconfigured(
        f"nothing stands in the quarantine for {position}",
        hint="`recordbus quarantine list` has the positions; an entry goes after 30 days, or when "
        "its record is removed",
    )
