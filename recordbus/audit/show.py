"""Entries, reports and statistics as people read them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import orjson
import typer

from recordbus.audit.review import Reviewed
from recordbus.audit.statistics import SMALLEST, Table
from recordbus.audit.uses import Use
from recordbus.audit.verify import Report
from recordbus.redaction import clean_text

_HEAD = ("operation", "command", "outcome", "requester", "on_behalf_of", "agency_ori", "origin",
         "purpose", "case_number", "total", "reasons")  # fmt: skip


def show_entry(reviewed: Reviewed) -> None:
    """Print an entry: who, why, what was asked, and how much was shown."""
    entry = reviewed.entry
    typer.echo(f"{entry['sequence']}  {entry['at']}  {entry['entry_id']}")
    for name in _HEAD:
        if name in entry:
            value = entry[name]
            typer.echo(f"   {name:14}{', '.join(value) if isinstance(value, list) else value}")
    for where, text in reviewed.texts.items():
        name = where.removeprefix("asked.")
        typer.echo(f"   asked {name}: {'(erased)' if text is None else text}")
    typer.echo(f"   {len(entry.get('records', ()))} records, "
               f"{len(entry.get('entities', ()))} entities")  # fmt: skip


def show_report(report: Report, *, as_json: bool) -> None:
    """Print what verifying found."""
    if as_json:
        told = report._asdict() | {"root": report.root.hex(), "is_sound": report.is_sound}
        typer.echo(orjson.dumps(told))
        return
    typer.echo(f"{report.entries} entries, of which {report.covered} are covered by "
               f"{report.checkpoints} checkpoints")  # fmt: skip
    for name, at in sorted(report.cosigned.items()):
        typer.echo(f"cosigned by {name}, {datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC")
    for finding in report.findings:
        typer.echo(f"ALTERED: {finding}")
    if report.is_sound:
        typer.echo("nothing was altered")


def show_use(use: Use, *, as_json: bool) -> None:
    """Print one use of a department's records on one line."""
    if as_json:
        records = [each._asdict() for each in use.records]
        typer.echo(orjson.dumps(use._asdict() | {"records": records}))
    else:
        typer.echo(clean_text(_line(use)))


def _line(use: Use) -> str:
    whom = f" for {use.on_behalf_of}" if use.on_behalf_of else ""
    by = f"{use.requester or 'nobody named'}{whom} ({use.agency_ori or 'no agency'})"
    why = " ".join(filter(None, (use.purpose, use.case_number))) or "no purpose"
    levels = Counter(each.level or "" for each in use.records)
    told = ", ".join(f"{count} {level}".rstrip() for level, count in sorted(levels.items()))
    because = f"  [{', '.join(use.reasons)}]" if use.reasons else ""
    return (f"{use.at}  {use.sequence}  {use.command} {use.outcome}  {by}  {why}  "
            f"records: {told or 'none named'}{because}")  # fmt: skip


def show_tables(tables: list[Table]) -> None:
    """Print statistics as they may be published."""
    for table in tables:
        typer.echo(table.title)
        for group, count in table.counts.items():
            shown = f"under {SMALLEST}" if count is None else f"{count} or more"
            typer.echo(f"   {'  '.join(group):60} {shown}")
        typer.echo(f"   {'all that is shown':60} {table.total}")


def table_json(table: Table) -> dict[str, Any]:
    """Give a table for programs; a count of null is under 5."""
    rows = [dict(zip(table.columns, group, strict=True)) | {"count": count}
            for group, count in table.counts.items()]  # fmt: skip
    return {"title": table.title, "rows": rows, "total": table.total}
