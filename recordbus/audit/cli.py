"""`recordbus audit`: what auditors read, and what shows that nobody altered it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import orjson
import typer

from recordbus import logs, metrics, stopping
from recordbus.audit import export as exports
from recordbus.audit import review, roles
from recordbus.audit.assembly import open_audit, open_sealer, open_watch, witness_keys
from recordbus.audit.entry import Asked, Entry, Operation, Outcome, Private
from recordbus.audit.erasing import erase_openings, sequences_about
from recordbus.audit.findings import Altered
from recordbus.audit.keys import make_key
from recordbus.audit.notes import WITNESS_KEY, key_of, verifier_key
from recordbus.audit.origin import this_terminal
from recordbus.audit.proof_file import check_proof, find_entry, prove
from recordbus.audit.reader import decoded, leaves, read_mark
from recordbus.audit.show import show_entry, show_report, show_tables, show_use, table_json
from recordbus.audit.source import source_of
from recordbus.audit.statistics import check_is_over, statistics
from recordbus.audit.uses import uses_of
from recordbus.audit.verify import stored_checkpoints, verify
from recordbus.audit.watching import keep_watch
from recordbus.audit.witness import witness
from recordbus.clock import SystemClock
from recordbus.errors import Misconfigured, Refused
from recordbus.ids import UuidSource
from recordbus.settings import Settings, load

audit = typer.Typer(
    add_completion=False,
    help="Read, prove and verify the log of every use of a record.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_log = logs.logger(__name__)
_MONTH: Final = "%Y-%m"

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Requester = Annotated[str, typer.Option(help="Which auditor asks; this is audited too.")]
LogKey = Annotated[
    str, typer.Option(help="The log's public key, as `checkpoint` says it; else of the settings.")
]


class Form(StrEnum):
    """How an export is written."""

    JSONL = "jsonl"
    CSV = "csv"


@audit.command("verify")
def verify_log(
    proof: Annotated[
        Path | None, typer.Option(help="Check this proof of one entry instead of the whole log.")
    ] = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(help="A checkpoint from elsewhere, such as a witness's; can be repeated."),
    ] = None,
    log_key: LogKey = "",
    as_json: AsJson = False,
) -> None:
    """Verify the whole log against its checkpoints, or one proof; ends with 65 when altered."""
    if proof is not None:
        _check_proof(proof, log_key, as_json=as_json)
        return
    settings = load()
    directory = settings.audit_directory()
    key = verifier_key(log_key) if log_key else open_watch(settings).log_key
    given = [(str(path), _read(path)) for path in checkpoint or ()]
    found = verify(directory, key, witness_keys(settings), [*stored_checkpoints(directory), *given])
    show_report(found, as_json=as_json)
    if not found.is_sound:
        raise Altered("the audit is not what was signed", hint="what was found stands above")


@audit.command("prove")
def prove_entry(
    entry: Annotated[str, typer.Argument(help="Its sequence, or the audit id of an answer.")],
    output: Annotated[Path, typer.Option(help="The file to write the proof to.")],
    requester: Requester = "",
) -> None:
    """Write a proof that an entry is in the log, which anybody can check without the log."""
    settings = load()
    sequence, leaf = find_entry(settings.audit_directory(), entry)
    with _reading(settings, "prove", requester, {"sequence": sequence}):
        document = prove(settings.audit_directory(), sequence, leaf)
        output.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
    typer.echo(f"{output} proves entry {sequence}")


@audit.command("sample")
def draw_sample(
    count: Annotated[int, typer.Argument(min=1, max=10_000, help="How many entries.")],
    seed: Annotated[int | None, typer.Option(help="To draw the same ones again.")] = None,
    requester: Requester = "",
    as_json: AsJson = False,
) -> None:
    """Draw entries at random for review, with what was asked where that was not erased."""
    settings = load()
    drawn_by = random.SystemRandom().randrange(2**32) if seed is None else seed
    with _reading(settings, "sample", requester, {"count": count, "seed": drawn_by}):
        found = review.sample(settings.audit_directory(), open_sealer(settings), count, drawn_by)
        _show(found, as_json=as_json)
    if not as_json:
        typer.echo(f"{len(found)} entries, drawn with --seed {drawn_by}")


@audit.command("find")
def find_text(
    text: Annotated[str, typer.Argument(help="A name, plate or number that somebody may ask for.")],
    requester: Requester = "",
    as_json: AsJson = False,
) -> None:
    """Find who asked for a text, however they wrote it."""
    settings = load()
    with _reading(settings, "find", requester, {"text": Private(text)}):
        found = review.find(settings.audit_directory(), open_sealer(settings), text)
        _show(found, as_json=as_json)
    if not as_json:
        typer.echo(f"{len(found)} entries")


@audit.command("export")
def export_log(
    output: Annotated[Path, typer.Option(help="The new file to write to.")],
    form: Annotated[Form, typer.Option(help="JSON lines, or a table.")] = Form.JSONL,
    start: Annotated[int, typer.Option("--from", min=0, help="From this sequence on.")] = 0,
    requester: Requester = "",
) -> None:
    """Write entries to a file; texts that were asked are not in it."""
    settings = load()
    directory = settings.audit_directory()
    with _reading(settings, "export", requester, {"form": form.value, "from": start}):
        found = (decoded(leaf) for leaf in leaves(directory, read_mark(directory), start))
        told = exports.as_csv(found) if form is Form.CSV else exports.as_json_lines(found)
        _write_new(output, told)
    typer.echo(f"{output} written")


@audit.command("checkpoint")
def make_checkpoint(as_json: AsJson = False) -> None:
    """Sign the log as it is now, and say the log's public key."""
    watch = open_watch(load())
    note = watch.checkpoint()
    if as_json:
        told = {"size": note.checkpoint.size, "root": note.checkpoint.root.hex(),
                "log_key": str(watch.log_key)}  # fmt: skip
        typer.echo(orjson.dumps(told))
        return
    typer.echo(note.text, nl=False)
    typer.echo(f"log key {watch.log_key}")


@audit.command("run")
def run_watch() -> None:
    """Sign and verify the log again and again, until SIGTERM or Ctrl-C."""
    settings = load()
    port = metrics.serve(settings.metrics.port, settings.metrics.host)
    typer.echo(f"metrics at http://{settings.metrics.host}:{port}/metrics")
    stop = stopping.until_told_to_stop()
    keep_watch(
        open_watch(settings), settings.audit.checkpoint_seconds, settings.audit.verify_seconds,
        stop, lambda seconds: stopping.rest(seconds, stop),
        lambda found: _log.error("the audit is not what was signed", count=len(found)),
    )  # fmt: skip


@audit.command("witness")
def witness_log(
    source: Annotated[str, typer.Argument(help="Its public directory, or the URL that serves it.")],
    log_key: Annotated[str, typer.Option(help="The log's public key, from its operators.")],
    name: Annotated[str, typer.Option(help="The name of this witness.")],
    key: Annotated[Path, typer.Option(help="This witness's key; made at first use.")],
    state: Annotated[Path, typer.Option(help="Where the last cosigned checkpoint is kept.")],
) -> None:
    """Look at a log from elsewhere, cosign what only grew, and refuse forks and rollbacks."""
    own = make_key(key)
    at = int(SystemClock().now().timestamp())
    note = witness(source_of(source), verifier_key(log_key), state, name, own, at)
    typer.echo(note.text, nl=False)
    typer.echo(f"witness key {key_of(name, WITNESS_KEY, own)}")


@audit.command("uses")
def uses_of_records(
    department: Annotated[str, typer.Argument(help="The owner whose records were used.")],
    start: Annotated[int, typer.Option("--from", min=0, help="From this sequence on.")] = 0,
    requester: Requester = "",
    as_json: AsJson = False,
) -> None:
    """Show who used a department's records, for whom and for what, as its owner may be told."""
    settings = load()
    directory = settings.audit_directory()
    with _reading(settings, "uses", requester, {"department": department, "from": start}):
        entries = (decoded(leaf) for leaf in leaves(directory, read_mark(directory), start))
        for use in (use for entry in entries for use in uses_of(entry)):
            if use.department == department:
                show_use(use, as_json=as_json)


@audit.command("statistics")
def public_statistics(
    month: Annotated[datetime, typer.Argument(formats=[_MONTH], help="A month that is over.")],
    requester: Requester = "",
    as_json: AsJson = False,
) -> None:
    """Count a month's uses, denials, disputes and overdue receipts as everybody may know them."""
    settings = load()
    directory, named = settings.audit_directory(), f"{month:{_MONTH}}"
    check_is_over(named, SystemClock().now())
    with _reading(settings, "statistics", requester, {"month": named}):
        entries = (decoded(leaf) for leaf in leaves(directory, read_mark(directory)))
        tables = statistics(entries, named)
    if as_json:
        typer.echo(orjson.dumps({"month": named, "tables": [table_json(each) for each in tables]}))
    else:
        show_tables(tables)


@audit.command("erase")
def erase_texts(
    record: Annotated[str, typer.Option(help="The opaque key of a record that was expunged.")],
    requester: Annotated[str, typer.Option(help="Who erases; this is audited.")],
    reason: Annotated[str, typer.Option(help="On what ground, as a code: court_order.")],
) -> None:
    """Erase what was asked in entries that showed a record; the log and its proofs stay."""
    settings = load()
    directory = settings.audit_directory()
    sequences = sequences_about(directory, record)
    with open_audit(settings) as log:
        log.append(Entry(
            entry_id=UuidSource().next(), at=SystemClock().now(), operation=Operation.ERASURE,
            command="audit.erase", outcome=Outcome.ACCEPTED, requester=requester,
            origin=this_terminal(), asked={"entries": len(sequences)}, reasons=(reason,),
        ))  # fmt: skip
    typer.echo(f"{erase_openings(directory, sequences)} erased")


@contextmanager
def _reading(
    settings: Settings, command: str, requester: str, asked: dict[str, Asked]
) -> Iterator[None]:
    """Let an auditor read, once the log has it; a refusal is in the log too."""
    entry = roles.reading(command, requester, asked, entry_id=UuidSource().next(),
                          at=SystemClock().now(), origin=this_terminal())  # fmt: skip
    with open_audit(settings) as log:
        try:
            roles.check_auditor(requester, settings.auditors())
        except Refused as error:
            log.append(roles.refused(entry, error.reason))
            raise
        log.append(entry)
    yield


def _check_proof(path: Path, log_key: str, *, as_json: bool) -> None:
    try:
        document = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise Altered(f"{path} is no proof: {type(error).__name__}") from None
    if not isinstance(document, dict):
        raise Altered(f"{path} is no proof")
    proven = check_proof(document, verifier_key(log_key or str(open_watch(load()).log_key)))
    if as_json:
        typer.echo(orjson.dumps({"entry": proven.entry, "size": proven.checkpoint.size}))
        return
    typer.echo(f"entry {proven.entry['sequence']} is in the log of {proven.checkpoint.size} "
               f"entries that {proven.checkpoint.origin} signed")  # fmt: skip


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


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise Misconfigured(f"cannot read {path}: {error.strerror or error}") from error
