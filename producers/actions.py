"""Lists of verbs: what a department's system has to say that its snapshots cannot carry."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from producers.connectors.csv_snapshot import find_exports, find_record
from producers.mapping import DepartmentMapping
from producers.session import Session
from recordbus.errors import Misconfigured, Rejected


class Action(BaseModel):
    """One line of a list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    verb: Literal["withdraw", "seal", "unseal", "expunge"]
    record_kind: str
    record_id: str
    reason: str = "owner_request"


def apply_actions(
    session: Session, mapping: DepartmentMapping, file: Path, snapshot: Path | None
) -> dict[str, int]:
    """Carry out a list in its order and count the verbs; doing it again does no harm.

    The whole list is read first: Rejected names the first line that is wrong, and then nothing
    was done.
    """
    actions = [_read(line, number) for number, line in enumerate(_lines(file), start=1)]
    done: Counter[str] = Counter()
    for action in actions:
        _apply(session, mapping, snapshot, action)
        done[action.verb] += 1
    return dict(sorted(done.items()))


def _lines(file: Path) -> list[str]:
    try:
        return [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(
            f"cannot read {file}: {type(error).__name__}", hint="it is JSON lines in UTF-8"
        ) from error


def _read(line: str, number: int) -> Action:
    try:
        return Action.model_validate(json.loads(line))
    except (ValidationError, json.JSONDecodeError) as error:
        fields = (
            ", ".join(str(fault["loc"][0]) for fault in error.errors())
            if isinstance(error, ValidationError)
            else "not JSON"
        )
        raise Rejected("invalid_record", f"line {number} of the list is wrong: {fields}") from None


def _apply(
    session: Session, mapping: DepartmentMapping, snapshot: Path | None, action: Action
) -> None:
    verbs = session.verbs
    if action.verb == "unseal":
        _unseal(session, mapping, snapshot, action)
    elif action.verb == "seal":
        verbs.seal(action.record_kind, action.record_id, action.reason)
    elif action.verb == "expunge":
        verbs.expunge(action.record_kind, action.record_id, action.reason)
    else:
        verbs.withdraw(action.record_kind, action.record_id, action.reason)


def _unseal(
    session: Session, mapping: DepartmentMapping, snapshot: Path | None, action: Action
) -> None:
    if snapshot is None:
        raise Misconfigured(
            "the list unseals a record, which needs its content",
            hint="name the export that has it with --from",
        )
    for export, path in find_exports(mapping, snapshot):
        if export.record_kind == action.record_kind:
            found = find_record(export, session.owner, path, action.record_id)
            session.verbs.unseal(found)
            return
    raise Misconfigured(
        f"no export of {snapshot} holds records of the kind {action.record_kind}",
        hint="check --from and --mapping",
    )
