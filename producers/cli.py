"""`recordbus publish` and `recordbus mapping`: a department's side of the bus."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, get_args
from uuid import uuid4

import typer
from rich.console import Console

from producers.actions import apply_actions
from producers.connectors.csv_snapshot import Account, Options, find_exports, find_record
from producers.connectors.csv_snapshot.verbs import FoundRecord
from producers.mapping import ExportMapping
from producers.progress import live, show_accounts
from producers.publisher import Dispute, Receipt
from producers.session import Session, open_session
from producers.shipped import find_mapping, shipped_names
from recordbus.errors import Misconfigured, Refused
from recordbus.metrics import Exposition
from recordbus.settings import load
from schemas import catalog
from schemas.types import DisputeParty

publish = typer.Typer(
    add_completion=False,
    help="Publish a department's records.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
mapping = typer.Typer(
    add_completion=False,
    help="Check and list the mappings of departments' exports.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def _known_kind(kind: str) -> str:
    if kind not in catalog.record_kinds():
        raise Misconfigured(
            f"{kind!r} is no record kind", hint=f"use one of {', '.join(catalog.record_kinds())}"
        )
    return kind


Department = Annotated[str, typer.Option("--department", help="The department's name on the bus.")]
MappingName = Annotated[
    str, typer.Option("--mapping", help="A shipped mapping's name, or the path of a mapping file.")
]
Snapshot = Annotated[
    Path, typer.Option("--from", help="The export that has the record: a file or its folder.")
]
Kind = Annotated[
    str, typer.Option("--kind", help="The kind of record, such as arrest.", callback=_known_kind)
]
Reason = Annotated[str, typer.Option("--reason", help="Code of the reason, such as court_order.")]
RecordId = Annotated[str, typer.Argument(help="The department's own number of the record.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@publish.command()
def csv(
    file: Annotated[Path, typer.Argument(help="A CSV export, or the folder of a snapshot.")],
    mapping_name: MappingName,
    department: Department,
    approve: Annotated[
        bool, typer.Option("--approve", help="Publish a snapshot that would be held.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Map and check everything, send nothing.")
    ] = False,
    metrics_port: Annotated[
        int | None,
        typer.Option("--metrics-port", help="Show /metrics on this port for as long as it runs."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Publish what changed in a CSV export since the one accepted last."""
    console = Console()
    found = find_mapping(mapping_name)
    accounts: list[Account] = []
    with (
        _metrics_page(metrics_port),
        open_session(load(), department, dry_run=dry_run) as session,
        live(console, wanted=not as_json) as on_progress,
    ):
        options = Options(approve=approve, dry_run=dry_run, progress=on_progress)
        accounts.extend(session.publish_path(found, file, options))
    if as_json:
        typer.echo(json.dumps(_as_json(accounts)))
    else:
        show_accounts(console, accounts)
    _refuse_held(accounts)


def _metrics_page(port: int | None) -> AbstractContextManager[object]:
    return nullcontext() if port is None else Exposition(port, load().metrics.host)


def _as_json(accounts: Sequence[Account]) -> dict[str, object]:
    return {
        "accounts": [
            account.to_json() | {"refusals": [refusal._asdict() for refusal in account.refusals]}
            for account in accounts
        ]
    }


def _refuse_held(accounts: Sequence[Account]) -> None:
    held = [account for account in accounts if account.ending == "held"]
    if held:
        raise Refused(
            "suspicious_delete_ratio",
            "; ".join(f"{account.file} is held: {account.held_because}" for account in held),
            hint="look at the export; if it is right, run the same command with --approve",
        )


@publish.command()
def withdraw(
    record_id: RecordId, department: Department, kind: Kind, reason: Reason, as_json: AsJson = False
) -> None:
    """Take a record back: it was published by mistake."""
    with open_session(load(), department) as session:
        receipt = session.verbs.withdraw(kind, record_id, reason)
    _show_receipt("withdrawn", receipt, as_json=as_json)


@publish.command()
def seal(
    record_id: RecordId, department: Department, kind: Kind, reason: Reason, as_json: AsJson = False
) -> None:
    """Seal a record: its content leaves the bus until it is unsealed."""
    with open_session(load(), department) as session:
        receipt = session.verbs.seal(kind, record_id, reason)
    _show_receipt("sealed", receipt, as_json=as_json)


@publish.command()
def expunge(
    record_id: RecordId, department: Department, kind: Kind, reason: Reason, as_json: AsJson = False
) -> None:
    """Expunge a record for good: it can never come back under its number."""
    with open_session(load(), department) as session:
        receipt = session.verbs.expunge(kind, record_id, reason)
    _show_receipt("expunged", receipt, as_json=as_json)


@publish.command()
def unseal(
    record_id: RecordId,
    department: Department,
    kind: Kind,
    mapping_name: MappingName,
    snapshot: Snapshot,
    as_json: AsJson = False,
) -> None:
    """Publish a sealed record again, as an export has it now."""
    with open_session(load(), department) as session:
        found = _found(session, mapping_name, snapshot, kind, record_id)
        receipt = session.verbs.unseal(found)
    _show_receipt("unsealed", receipt, as_json=as_json)


@publish.command()
def dispute(
    record_id: RecordId,
    department: Department,
    kind: Kind,
    mapping_name: MappingName,
    snapshot: Snapshot,
    statement: Annotated[
        str, typer.Option("--statement", help="Reference of the statement, kept by the department.")
    ],
    by: Annotated[
        str, typer.Option("--by", help="Who disputes: subject, owner, court, agency or other.")
    ] = "subject",
    about: Annotated[
        str | None, typer.Option("--about", help="Local id of the role in dispute, if only one is.")
    ] = None,
    dispute_id: Annotated[
        str | None, typer.Option("--dispute-id", help="Id of the dispute; made up when left out.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Publish that somebody disputes a record, or one role in it."""
    raised = Dispute(
        dispute_id=dispute_id or str(uuid4()),
        raised_at=datetime.now(UTC),
        by=_party(by),
        about_local_id=about,
        statement_reference=statement,
    )
    with open_session(load(), department) as session:
        found = _found(session, mapping_name, snapshot, kind, record_id)
        receipt = session.verbs.dispute(found, raised)
    _show_receipt(f"disputed ({raised.dispute_id})", receipt, as_json=as_json)


@publish.command()
def resolve_dispute(
    record_id: RecordId,
    department: Department,
    kind: Kind,
    mapping_name: MappingName,
    snapshot: Snapshot,
    dispute_id: Annotated[str, typer.Option("--dispute-id", help="Id of the dispute.")],
    as_json: AsJson = False,
) -> None:
    """Publish that a dispute about a record is resolved."""
    with open_session(load(), department) as session:
        found = _found(session, mapping_name, snapshot, kind, record_id)
        receipt = session.verbs.resolve_dispute(found, dispute_id, datetime.now(UTC))
    _show_receipt("resolved", receipt, as_json=as_json)


@publish.command()
def actions(
    file: Annotated[Path, typer.Argument(help="JSON lines: verb, record_kind, record_id, reason.")],
    mapping_name: MappingName,
    department: Department,
    snapshot: Annotated[
        Path | None,
        typer.Option("--from", help="The export that records to unseal are taken from."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Carry out a list of verbs that a snapshot cannot say: seal, unseal, expunge, withdraw."""
    with open_session(load(), department) as session:
        done = apply_actions(session, find_mapping(mapping_name), file, snapshot)
    typer.echo(json.dumps(done) if as_json else f"{file.name}: {_counted(done)}")


def _counted(done: dict[str, int]) -> str:
    return ", ".join(f"{count} {verb}" for verb, count in done.items()) or "nothing to do"


@mapping.command()
def check(
    file: Annotated[str, typer.Argument(help="A mapping file, or a shipped mapping's name.")],
) -> None:
    """Check a mapping; every mistake is named with its line."""
    found = find_mapping(file)
    for line, message in found.warnings:
        typer.echo(f"{file}:{line}: warning: {message}")
    kinds = ", ".join(f"{e.name} ({e.record_kind})" for e in found.exports.values())
    typer.echo(f"{found.name} is sound: {kinds}")


@mapping.command(name="list")
def list_mappings() -> None:
    """List the mappings that come with recordbus."""
    for name in shipped_names():
        typer.echo(f"{name}\t{find_mapping(name).title}")


def _party(by: str) -> DisputeParty:
    for party in get_args(DisputeParty):
        if by == party:
            return party  # type: ignore[no-any-return]
    raise Misconfigured(
        f"{by!r} cannot dispute a record", hint=f"use one of {', '.join(get_args(DisputeParty))}"
    )


def _found(
    session: Session, mapping_name: str, snapshot: Path, kind: str, record_id: str
) -> FoundRecord:
    files = find_exports(find_mapping(mapping_name), snapshot)
    for export, path in files:
        if export.record_kind == kind:
            return find_record(export, session.owner, path, record_id)
    raise _no_export(files[0].export, kind)


def _no_export(export: ExportMapping, kind: str) -> Misconfigured:
    return Misconfigured(
        f"the export is {export.record_kind}, not {kind}", hint="check --from and --kind"
    )


def _show_receipt(what: str, receipt: Receipt, *, as_json: bool) -> None:
    topic, partition, offset = receipt.result()
    if as_json:
        shown = {
            "record_key": receipt.record_key,
            "event_id": receipt.event_id,
            "source_seq": receipt.source_seq,
            "topic": topic,
            "partition": partition,
            "offset": offset,
        }
        typer.echo(json.dumps(shown))
    else:
        typer.echo(f"{what}: {topic}[{partition}]@{offset}, record {receipt.record_key}")
