"""What auditors do with the audit: sample, find, export, prove, count (R-42, R-43).

Invariant: whatever is shown or written here, the log has who reads it, before the first byte.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import orjson
import typer

from recordbus.audit import export as exports
from recordbus.audit import review
from recordbus.audit.assembly import open_sealer
from recordbus.audit.auditing import AsJson, reading
from recordbus.audit.entry import Private
from recordbus.audit.proof_file import find_entry, prove
from recordbus.audit.reader import decoded, leaves, read_mark
from recordbus.audit.show import show_entry, show_tables, table_json
from recordbus.audit.standing import counters, standing
from recordbus.audit.statistics import check_is_over, statistics
from recordbus.clock import SystemClock
from recordbus.errors import Misconfigured
from recordbus.settings import load

readings = typer.Typer(add_completion=False)
_MONTH: Final = "%Y-%m"

Requester = Annotated[str, typer.Option(help="Which auditor asks; this is audited too.")]


class Form(StrEnum):
    """How an export is written."""

    JSONL = "jsonl"
    CSV = "csv"


@readings.command("prove")
def prove_entry(
    entry: Annotated[str, typer.Argument(help="Its sequence, or the audit id of an answer.")],
    output: Annotated[Path, typer.Option(help="The file to write the proof to.")],
    requester: Requester = "",
) -> None:
    """Write a proof that an entry is in the log, which anybody can check without the log."""
    settings = load()
    sequence, leaf = find_entry(settings.audit_directory(), entry)
    with reading(settings, "prove", requester, {"sequence": sequence}):
        document = prove(settings.audit_directory(), sequence, leaf)
        output.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
    typer.echo(f"{output} proves entry {sequence}")


@readings.command("sample")
def draw_sample(
    count: Annotated[int, typer.Argument(min=1, max=10_000, help="How many entries.")],
    seed: Annotated[int | None, typer.Option(help="To draw the same ones again.")] = None,
    requester: Requester = "",
    as_json: AsJson = False,
) -> None:
    """Draw entries at random for review, with what was asked where that was not erased."""
    settings = load()
    drawn_by = random.SystemRandom().randrange(2**32) if seed is None else seed
    with reading(settings, "sample", requester, {"count": count, "seed": drawn_by}):
        found = review.sample(settings.audit_directory(), open_sealer(settings), count, drawn_by)
        _show(found, as_json=as_json)
    if not as_json:
        typer.echo(f"{len(found)} entries, drawn with --seed {drawn_by}")


@readings.command("find")
def find_text(
    text: Annotated[str, typer.Argument(help="A name, plate or number that somebody may ask for.")],
    requester: Requester = "",
    as_json: AsJson = False,
) -> None:
    """Find who asked for a text, however they wrote it."""
    settings = load()
    with reading(settings, "find", requester, {"text": Private(text)}):
        found = review.find(settings.audit_directory(), open_sealer(settings), text)
        _show(found, as_json=as_json)
    if not as_json:
        typer.echo(f"{len(found)} entries")


@readings.command("export")
def export_log(
    output: Annotated[Path, typer.Option(help="The new file to write to.")],
    form: Annotated[Form, typer.Option(help="JSON lines, or a table.")] = Form.JSONL,
    start: Annotated[int, typer.Option("--from", min=0, help="From this sequence on.")] = 0,
    requester: Requester = "",
) -> None:
    """Write entries to a file; texts that were asked are not in it."""
    settings = load()
    directory = settings.audit_directory()
    with reading(settings, "export", requester, {"form": form.value, "from": start}):
        found = (decoded(leaf) for leaf in leaves(directory, read_mark(directory), start))
        told = exports.as_csv(found) if form is Form.CSV else exports.as_json_lines(found)
        _write_new(output, told)
    typer.echo(f"{output} written")


@readings.command("statistics")
def public_statistics(
    month: Annotated[datetime, typer.Argument(formats=[_MONTH], help="A month that is over.")],
    requester: Requester = "",
    as_json: AsJson = False,
) -> None:
    """Count a month's uses and denials, and what stood after it, as everybody may know them."""
    settings, now = load(), SystemClock().now()
    directory, named = settings.audit_directory(), f"{month:{_MONTH}}"
    check_is_over(named, now)
    with reading(settings, "statistics", requester, {"month": named}):
        entries = (decoded(leaf) for leaf in leaves(directory, read_mark(directory)))
        tables = statistics(entries, named)
        stood = standing(settings, named, now, counters())
    for each in stood.missing:
        typer.echo(f"not counted on this machine: {each}", err=True)
    if as_json:
        found = [table_json(each) for each in tables]
        after = [table_json(each) for each in stood.tables]
        told = {"month": named, "tables": found, "counted_at": stood.counted_at, "standing": after}
        typer.echo(orjson.dumps(told))
        return
    show_tables(tables)
    if stood.tables:
        typer.echo(f"As it stood on {stood.counted_at}:")
        show_tables(stood.tables)


def _show(found: Iterable[review.Reviewed], *, as_json: bool) -> None:
    for each in found:
        if as_json:
            typer.echo(orjson.dumps({"entry": each.entry, "texts": each.texts}))
        else:
            show_entry(each)


def _write_new(path: Path, told: Iterable[str]) -> None:
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            path.chmod(0o600)
            file.writelines(told)
    except OSError as error:
        raise Misconfigured(f"cannot write {path}: {error.strerror or error}",
                            hint="name a new file in a folder that exists") from error  # fmt: skip
