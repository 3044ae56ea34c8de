"""Hands out the bytes of a message that was set aside: to one file, after an audit entry.

Invariant (R-38, R-39): reading what a department sent is a consultation. The audit has who read
which position before the first byte is given, and without the audit none is given.
"""

from __future__ import annotations

import os
from pathlib import Path

from consumers.quarantined.entry import Entry
from recordbus import audit
from recordbus.audit.origin import this_terminal
from recordbus.clock import Clock
from recordbus.errors import Misconfigured, Refused
from recordbus.ids import IdSource

PURPOSE = "record_quality"


def save_bytes(
    entry: Entry, path: Path, requester: str, sink: audit.AuditSink, clock: Clock, ids: IdSource
) -> int:
    """Write the bytes of an entry into a new file that only its owner reads; give their number.

    Raises Refused without a requester or where no bytes were kept, Misconfigured when the file
    exists or cannot be made, Retryable when the audit cannot be written.
    """
    if not requester.strip():
        raise Refused(
            "requester_missing",
            "reading the bytes of a message needs a requester (R-38)",
            hint="say who reads it: --requester NAME; it goes into the audit",
        )
    if entry.value is None:
        raise Refused(
            "bytes_not_kept",
            f"the bytes of {entry.position} were not kept",
            hint="bytes are kept only where a removal of the record would find them",
        )
    descriptor = _new_file(path)
    try:
        sink.append(_noted(entry, requester, clock, ids))
    except BaseException:
        os.close(descriptor)
        path.unlink()
        raise
    with os.fdopen(descriptor, "wb") as file:
        return file.write(entry.value)


def _noted(entry: Entry, requester: str, clock: Clock, ids: IdSource) -> audit.Entry:
    return audit.Entry(
        entry_id=ids.next(),
        at=clock.now(),
        operation=audit.Operation.CONSULTATION,
        command="quarantine.bytes",
        outcome=audit.Outcome.ANSWERED,
        requester=requester,
        origin=this_terminal(),
        purpose=PURPOSE,
        asked={"quarantined": entry.position},
        records=(entry.record_key,) if entry.record_key else (),
        owners=(entry.department,) if entry.department else (),
        total=1,
    )


def _new_file(path: Path) -> int:
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Misconfigured(
            f"cannot make the file {path}: {error.strerror or error}",
            hint="name a new file in a folder that exists",
        ) from error
