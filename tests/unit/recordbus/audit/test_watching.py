"""Signing and verifying again and again: what is found within one round, and what is counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from recordbus.audit.findings import Altered
from recordbus.audit.layout import COSIGNED, MARK, PUBLIC, entries_file
from recordbus.audit.notes import WITNESS_KEY, key_of
from recordbus.audit.source import DirectorySource
from recordbus.audit.watching import Watch, keep_watch
from recordbus.audit.witness import witness
from recordbus.metrics import sample
from recordbus.testing.clock import EPOCH, ManualClock
from tests.unit.recordbus.audit.conftest import KEY, ORIGIN, filled

WITNESS = key_of("w.example", WITNESS_KEY, KEY)


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    filled(tmp_path, 5)
    return Watch(tmp_path, ORIGIN, KEY, [WITNESS], ManualClock())


def rounds(watch: Watch, count: int) -> list[str]:
    """Watch for some rounds, each of them verified; give what was found."""
    found: list[str] = []
    left = iter(range(count))
    keep_watch(watch, 10, 0.0, lambda: next(left, None) is None, lambda _: None, found.extend)
    return found


def test_a_sound_log_is_signed_verified_and_measured(watch: Watch, tmp_path: Path) -> None:
    watch.checkpoint()
    (tmp_path / COSIGNED).mkdir()
    source, state = DirectorySource(tmp_path / PUBLIC), tmp_path / COSIGNED / "w.example"
    witness(source, watch.log_key, state, "w.example", KEY, 123)

    assert rounds(watch, 2) == []
    assert sample("recordbus_audit_entries") == 5
    assert (sample("recordbus_audit_log_bytes") or 0) > 0
    for name in ("checkpoint", "verified"):
        assert sample(f"recordbus_audit_last_{name}_timestamp_seconds") == EPOCH.timestamp()
    assert sample("recordbus_audit_witness_timestamp_seconds", witness="w.example") == 123


def test_an_altered_log_is_found_counted_and_still_watched(watch: Watch, tmp_path: Path) -> None:
    watch.checkpoint()
    path = tmp_path / entries_file(0)
    path.write_bytes(path.read_bytes().replace(b"det. Alvarez", b"det. Nobody1", 1))
    before = sample("recordbus_audit_verify_failures_total") or 0

    first, again = rounds(watch, 1), rounds(watch, 1)

    assert first == again
    assert "damaged" in first[0]
    assert sample("recordbus_audit_verify_failures_total") == before + 2


@pytest.mark.parametrize("lost", [MARK, PUBLIC / "checkpoint"])
def test_a_log_that_cannot_be_signed_is_told(watch: Watch, tmp_path: Path, lost: Path) -> None:
    watch.checkpoint()
    (tmp_path / lost).write_text("nothing")

    assert rounds(watch, 1) != []


def test_the_signer_refuses_by_itself(watch: Watch, tmp_path: Path) -> None:
    watch.checkpoint()
    text = (tmp_path / PUBLIC / "checkpoint").read_text()
    (tmp_path / PUBLIC / "checkpoint").write_text(text.replace("\n5\n", "\n4\n"))

    with pytest.raises(Altered):
        watch.checkpoint()
