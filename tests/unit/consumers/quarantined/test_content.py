"""Bytes of a message leave the quarantine into one file, after the audit has it (R-38, R-39)."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from consumers.quarantined.content import save_bytes
from consumers.quarantined.entry import Entry, standing
from recordbus.audit.log import AuditLog
from recordbus.audit.openings import Sealer
from recordbus.audit.store import Store
from recordbus.errors import Misconfigured, Refused, Retryable
from recordbus.kafka.message import Message
from recordbus.testing.audit import entries_in
from recordbus.testing.clock import ManualClock
from recordbus.testing.ids import SequenceIds

POSITION = "ingest.maple-grove-pd.v1/0/1"
CLOCK = ManualClock(datetime(2026, 11, 23, tzinfo=UTC))


def as_it_is(value: Any) -> Any:
    return value


@pytest.fixture
def entry(said: Callable[..., Message]) -> Entry:
    log = [said(1, key=b"5" * 64, value=b"jane roe")]
    return standing(log, as_it_is, bytes_of=POSITION)[0]


class Home:
    """Files of one test."""

    def __init__(self, root: Path) -> None:
        self.file = root / "message.avro"
        self.audit = root / "audit"

    def save(self, entry: Entry, requester: str = "J. Rowe") -> int:
        with AuditLog(Store(self.audit, Sealer(bytes(32)))) as sink:
            return save_bytes(entry, self.file, requester, sink, CLOCK, SequenceIds())


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_the_file_is_its_owners_and_the_audit_names_reader_and_position(
    entry: Entry, home: Home
) -> None:
    assert home.save(entry) == 8

    assert home.file.read_bytes() == b"jane roe"
    assert stat.S_IMODE(home.file.stat().st_mode) == 0o600
    (told,) = entries_in(home.audit)
    assert (told["requester"], told["purpose"]) == ("J. Rowe", "record_quality")
    assert told["asked"] == {"quarantined": POSITION}
    assert told["records"] == ["5" * 64]
    assert "jane" not in str(told)


@pytest.mark.parametrize("missing", ["requester", "bytes"])
def test_without_a_reader_or_bytes_nothing_is_written(
    entry: Entry, home: Home, said: Callable[..., Message], missing: str
) -> None:
    (empty,) = standing([said(1)], as_it_is)
    with pytest.raises(Refused):
        home.save(*((entry, " ") if missing == "requester" else (empty,)))

    assert not home.file.exists()
    assert not home.audit.exists()


def test_a_file_that_exists_is_not_replaced(entry: Entry, home: Home) -> None:
    home.file.write_text("mine")
    with pytest.raises(Misconfigured, match=r"message\.avro"):
        home.save(entry)

    assert home.file.read_text() == "mine"
    assert not home.audit.exists()


def test_no_byte_is_given_while_the_audit_cannot_be_written(entry: Entry, home: Home) -> None:
    home.audit.write_text("a file where the folder should be")
    with pytest.raises(Retryable, match="audit"):
        home.save(entry)

    assert not home.file.exists()
