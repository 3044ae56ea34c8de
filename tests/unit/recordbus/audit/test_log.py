"""Failing closed: an entry is durable, or within the time limit nothing is answered (R-39, F8)."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from recordbus.audit.log import AuditLog
from recordbus.audit.reader import read_mark
from recordbus.audit.store import Store
from recordbus.errors import Retryable
from recordbus.metrics import sample
from recordbus.testing.audit import entries_in
from tests.unit.recordbus.audit.conftest import SEALER, entry
from tests.unit.recordbus.audit.failing_disk import FailingDisk

LIMIT = 2.0
WRITER = """
import sys
from pathlib import Path
from recordbus.audit.lock import LockFile
with LockFile(Path(sys.argv[1]) / "lock").held(5):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def log(tmp_path: Path) -> Iterator[AuditLog]:
    with AuditLog(Store(tmp_path, SEALER), LIMIT) as made:
        yield made


@pytest.fixture
def stopped_writer(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock, and was stopped while it does."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == "held\n"
    os.kill(process.pid, signal.SIGSTOP)
    yield process
    if process.poll() is None:
        os.kill(process.pid, signal.SIGCONT)
    process.stdin.close()
    process.stdout.close()
    process.wait(10)


def test_many_threads_share_commits_and_each_gets_its_own_receipt(
    log: AuditLog, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(16) as pool:
        receipts = list(pool.map(lambda n: log.append(entry(n)), range(200)))

    assert sorted(each.sequence for each in receipts) == [*range(200)]
    places = {each["entry_id"]: each["sequence"] for each in entries_in(tmp_path)}
    assert places == {each.entry_id: each.sequence for each in receipts}
    assert read_mark(tmp_path).generation < 200


def test_several_processes_write_one_log(tmp_path: Path) -> None:
    """Searches are processes of their own: their entries neither mix nor overwrite each other."""
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from tests.unit.recordbus.audit.conftest import SEALER, entry\n"
        "from recordbus.audit.store import Store\nfrom recordbus.audit.log import AuditLog\n"
        "with AuditLog(Store(Path(sys.argv[1]), SEALER, segment_bytes=3000), 20) as log:\n"
        "    for n in range(25):\n        log.append(entry(int(sys.argv[2]) * 100 + n))\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(number)])
        for number in range(3)
    ]
    assert [each.wait(60) for each in running] == [0, 0, 0]

    entries = entries_in(tmp_path)
    assert [each["sequence"] for each in entries] == [*range(75)]
    for number in range(3):
        own = [each["entry_id"] for each in entries
               if int(each["entry_id"][3:]) // 100 == number]  # fmt: skip
        assert own == [f"id-{number * 100 + n}" for n in range(25)]


def test_a_batch_stays_together(log: AuditLog) -> None:
    receipts = log.append_all([entry(n) for n in range(5)])

    assert [each.sequence for each in receipts] == [*range(5)]
    assert [each.entry_id for each in receipts] == [f"id-{n}" for n in range(5)]


def test_a_stopped_process_with_the_lock_fails_others_in_time_and_nothing_is_lost(
    log: AuditLog, tmp_path: Path, stopped_writer: subprocess.Popen[str]
) -> None:
    """F8: SIGSTOP; the error names who has the lock, and all goes on when it does."""
    failures = "recordbus_audit_append_failures_total"
    before = sum(sample(failures, reason=reason) or 0 for reason in ("store", "timeout"))
    started = time.monotonic()
    with pytest.raises(Retryable, match=str(stopped_writer.pid)):
        log.append(entry(0))

    assert time.monotonic() - started < LIMIT + 0.5
    assert entries_in(tmp_path) == []
    after = sum(sample(failures, reason=reason) or 0 for reason in ("store", "timeout"))
    assert after == before + 1

    os.kill(stopped_writer.pid, signal.SIGKILL)
    stopped_writer.wait(10)
    assert log.append(entry(1)).sequence == 0


@pytest.fixture
def hanging(tmp_path: Path) -> Iterator[tuple[AuditLog, threading.Event]]:
    """A log on a disk whose next sync hangs until it is let go."""
    disk, go_on = FailingDisk(), threading.Event()
    made = AuditLog(Store(tmp_path, SEALER, files=disk), 0.2)
    made.append(entry(0))

    def hang(what: str, _path: Path) -> None:
        if what == "sync":
            go_on.wait(60)

    disk.before = hang
    yield made, go_on
    go_on.set()
    made.close()


def test_a_disk_that_hangs_fails_in_time_and_those_behind_it_at_once(
    hanging: tuple[AuditLog, threading.Event],
) -> None:
    log, go_on = hanging
    with pytest.raises(Retryable, match=r"not durable within 0\.2"):
        log.append(entry(1))
    with pytest.raises(Retryable, match=r"behind a disk that hangs|not durable"):
        log.append(entry(2))

    go_on.set()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            receipt = log.append(entry(3))
        except Retryable:
            continue
        assert receipt.sequence >= 1
        return
    pytest.fail("the log did not recover")


def test_an_event_loop_is_not_held_up(hanging: tuple[AuditLog, threading.Event]) -> None:
    log, _ = hanging

    async def both() -> list[str]:
        done: list[str] = []

        async def append() -> None:
            with pytest.raises(Retryable):
                await log.append_async(entry(1))
            done.append("append")

        async def other() -> None:
            await asyncio.sleep(0)
            done.append("other")

        await asyncio.gather(append(), other())
        return done

    assert asyncio.run(both()) == ["other", "append"]


def test_an_awaited_entry_has_its_receipt(log: AuditLog) -> None:
    assert asyncio.run(log.append_async(entry(7))).entry_id == "id-7"


def test_a_closed_log_takes_nothing(tmp_path: Path) -> None:
    log = AuditLog(Store(tmp_path, SEALER))
    log.append(entry(0))
    log.close()

    with pytest.raises(Retryable, match="after the end"):
        log.append(entry(1))
