"""Lets an auditor read once the log says so, for the commands that show what is in it (R-42).

Invariant: whatever is shown behind `reading`, the log has who reads it, before the first byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from recordbus.audit import roles
from recordbus.audit.assembly import open_audit
from recordbus.audit.entry import Asked
from recordbus.audit.origin import this_terminal
from recordbus.clock import SystemClock
from recordbus.errors import Refused
from recordbus.ids import UuidSource
from recordbus.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@contextmanager
def reading(
    settings: Settings, command: str, requester: str, asked: dict[str, Asked]
) -> Iterator[None]:
    """Let an auditor read, once the log has it; raises Refused, which is in the log too."""
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
