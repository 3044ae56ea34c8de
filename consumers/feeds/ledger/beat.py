"""A sign of life beside a ledger: when somebody last took in what the bus says.

Not in the ledger itself, where each sign would be a transaction that waits for the disk.
"""

from __future__ import annotations

import contextlib
import os
from datetime import UTC, datetime
from pathlib import Path

_NANOSECONDS = 1_000_000_000


def beat(ledger: Path, at: datetime) -> None:
    """Leave a sign; a disk that takes none leaves the old one, which says enough."""
    with contextlib.suppress(OSError):
        sign = _sign(ledger)
        sign.touch(0o600)
        moment = int(at.timestamp() * _NANOSECONDS)
        os.utime(sign, ns=(moment, moment))


def last_beat(ledger: Path) -> datetime | None:
    """Give when the last sign was left; None when there never was one."""
    try:
        found = _sign(ledger).stat().st_mtime_ns
    except OSError:
        return None
    return datetime.fromtimestamp(found / _NANOSECONDS, UTC)


def _sign(ledger: Path) -> Path:
    return ledger.with_name(f"{ledger.name}.beat")
