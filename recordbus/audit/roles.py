"""Who may read the audit: auditors, who may do nothing else; and every reading is an entry (R-42).

Invariant: whoever reads the audit cannot search, and whoever searches cannot read the audit; nobody
reads an entry before the log has that they read it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from recordbus.audit.entry import Asked, Entry, Operation, Outcome
from recordbus.errors import Refused

AUDITOR_CANNOT_SEARCH: Final = "auditor_cannot_search"
NOT_AN_AUDITOR: Final = "not_an_auditor"
PURPOSE: Final = "audit"


def is_auditor(requester: str, auditors: Collection[str]) -> bool:
    """Say whether an account is one of an auditor, however it is written."""
    return _folded(requester) in {_folded(each) for each in auditors}


def check_auditor(requester: str, auditors: Collection[str]) -> None:
    """Let auditors through; raises Refused for everybody else."""
    if not requester.strip() or not is_auditor(requester, auditors):
        raise Refused(
            NOT_AN_AUDITOR,
            "only an auditor reads the audit (R-42)",
            hint="say who asks: --requester NAME; the setting audit.auditors names the auditors",
        )


def check_no_auditor(requester: str, auditors: Collection[str]) -> None:
    """Refuse a search to auditors; raises Refused."""
    if is_auditor(requester, auditors):
        raise Refused(AUDITOR_CANNOT_SEARCH, "an auditor reads the audit and cannot search (R-42)")


def reading(
    command: str, requester: str, asked: Mapping[str, Asked], *, entry_id: str, at: datetime,
    origin: str,
) -> Entry:  # fmt: skip
    """Give the entry of somebody's reading the audit."""
    return Entry(
        entry_id=entry_id, at=at, operation=Operation.CONSULTATION, command=f"audit.{command}",
        outcome=Outcome.ANSWERED, requester=requester, origin=origin, purpose=PURPOSE, asked=asked,
    )  # fmt: skip


def refused(entry: Entry, reason: str) -> Entry:
    """Give the entry of a reading that was not allowed."""
    return replace(entry, outcome=Outcome.REFUSED, reasons=(reason,))


def _folded(account: str) -> str:
    return " ".join(account.casefold().split())
