"""Logs of a few entries, and what writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from recordbus.audit.entry import Entry, Operation, Outcome, Private
from recordbus.audit.openings import Sealer
from recordbus.audit.store import Store
from recordbus.testing.clock import EPOCH

Say = Callable[..., Entry]
SEALER = Sealer(b"k" * 32)
ORIGIN = "audit.example"
KEY = Ed25519PrivateKey.from_private_bytes(b"l" * 32)


def entry(number: int = 0, **fields: Any) -> Entry:
    """Give an entry; entry 3 is of record key r3, and asks for Jane Roe 3."""
    said: dict[str, Any] = {
        "entry_id": f"id-{number}", "at": EPOCH, "operation": Operation.CONSULTATION,
        "command": "search", "outcome": Outcome.ANSWERED, "requester": "det. Alvarez",
        "purpose": "training", "case_number": "T-1", "records": (f"r{number}@1",),
        "asked": {"name": Private(f"Jane Roe {number}"), "sex": ["F"]},
    }  # fmt: skip
    return Entry(**(said | fields))


def filled(directory: Path, count: int, *, segment_bytes: int = 4096, start: int = 0) -> None:
    """Append entries to a log, a few at a time."""
    store = Store(directory, SEALER, segment_bytes=segment_bytes)
    for first in range(start, start + count, 3):
        store.commit([entry(n) for n in range(first, min(first + 3, start + count))], 2.0)
    store.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "audit", SEALER, segment_bytes=4096)
    yield made
    made.close()
