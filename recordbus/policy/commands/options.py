"""Options that several commands of `recordbus policy` share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from recordbus.clock import SystemClock
from recordbus.errors import Misconfigured

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def instant(text: str | None) -> datetime:
    """Read a day or an instant as UTC; now when it is not given. Raises Misconfigured."""
    if text is None:
        return SystemClock().now()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Misconfigured(f"{text!r} is no instant", hint="such as 2026-06-01") from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
