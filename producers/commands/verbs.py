"""What a snapshot cannot say: withdraw, seal, unseal, expunge, dispute, or a list of such verbs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, get_args
from uuid import uuid4

import typer

from producers.actions import apply_actions
from producers.commands.options import (
    AsJson,
    Department,
    Kind,
    MappingName,
    Reason,
    RecordId,
    Snapshot,
)
from producers.connectors.csv_snapshot import find_exports, find_record
from producers.connectors.csv_snapshot.verbs import FoundRecord
from producers.mapping import ExportMapping
from producers.publisher import Dispute, Receipt
from producers.session import Session, open_session
from producers.shipped import find_mapping
from recordbus.errors import Misconfigured
from recordbus.settings import load
from schemas.types import DisputeParty


def withdraw(
    record_id: RecordId, department: Department, kind: Kind, reason: Reason, as_json: AsJson = False
) -> None:
    """Take a record back: it was published by mistake."""
    with open_session(load(), department) as session:
        receipt = session.verbs.withdraw(kind, record_id, reason)
    _show_receipt("withdrawn", receipt, as_json=as_json)


def seal(
    record_id: RecordId, department: Department, kind: Kind, reason: Reason, as_json: AsJson = False
) -> None:
    """Seal a record: its content leaves the bus until it is unsealed."""
    with open_session(load(), department) as session:
        receipt = session.verbs.seal(kind, record_id, reason)
    _show_receipt("sealed", receipt, as_json=as_json)


def expunge(
    record_id: RecordId, department: Department, kind: Kind, reason: Reason, as_json: AsJson = False
) -> None:
    """Expunge a record for good: it can never come back under its number."""
    with open_session(load(), department) as session:
        receipt = session.verbs.expunge(kind, record_id, reason)
    _show_receipt("expunged", receipt, as_json=as_json)


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
