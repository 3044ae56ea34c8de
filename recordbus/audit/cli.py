"""`recordbus audit`: what auditors read, and what shows that nobody altered it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer

from recordbus import logs, metrics, stopping
from recordbus.audit.assembly import open_audit, open_watch, witness_keys
from recordbus.audit.auditing import AsJson
from recordbus.audit.entry import Entry, Operation, Outcome
from recordbus.audit.erasing import erase_openings, sequences_about
from recordbus.audit.findings import Altered
from recordbus.audit.keys import make_key
from recordbus.audit.notes import WITNESS_KEY, key_of, verifier_key
from recordbus.audit.origin import this_terminal
from recordbus.audit.proof_file import check_proof
from recordbus.audit.readings_command import readings
from recordbus.audit.show import show_report
from recordbus.audit.source import source_of
from recordbus.audit.uses_command import uses_commands
from recordbus.audit.verify import stored_checkpoints, verify
from recordbus.audit.watching import keep_watch
from recordbus.audit.witness import witness
from recordbus.clock import SystemClock
from recordbus.errors import Misconfigured
from recordbus.ids import UuidSource
from recordbus.settings import load

audit = typer.Typer(
    add_completion=False,
    help="Read, prove and verify the log of every use of a record.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
audit.add_typer(readings)
audit.add_typer(uses_commands)
_log = logs.logger(__name__)

LogKey = Annotated[
    str, typer.Option(help="The log's public key, as `checkpoint` says it; else of the settings.")
]


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


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise Misconfigured(f"cannot read {path}: {error.strerror or error}") from error
