"""How long an entry takes to be durable, and how long a whole log takes to be verified.

    python -m bench.audit [entries] [appends] [uses]

Prints one JSON object. Appends are of one thread, each waiting for its receipt as a search does;
beside them stands what one bare `fdatasync` of as many bytes takes on this disk, measured in turns
with them. Verifying is of a log of that many entries: every checksum, every place, every hash. Uses
are read, hashed against the checkpoint, and encoded for their owner; Kafka takes no part in it.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from recordbus.audit.checkpoint import make_checkpoint
from recordbus.audit.entry import Entry, Operation, Outcome, Private
from recordbus.audit.log import AuditLog
from recordbus.audit.notes import LOG_KEY, key_of
from recordbus.audit.openings import Sealer
from recordbus.audit.place import PlaceFile
from recordbus.audit.publishing import UsesPublisher
from recordbus.audit.signed import SignedLog
from recordbus.audit.store import Store
from recordbus.audit.use_messages import Addressed, topic_of
from recordbus.audit.verify import stored_checkpoints, verify
from recordbus.clock import SystemClock
from recordbus.kafka.codec import Encoder
from recordbus.testing.registry import MemoryRegistry

AT_ONCE = 2000
OWNER = "harbor-city-pd"
KEY = Ed25519PrivateKey.from_private_bytes(b"b" * 32)
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def entry(number: int, *, asked: bool = True) -> Entry:
    """Give an entry as a search leaves it: two private texts and ten records shown."""
    private = {"name": Private("Jonathan Smith"), "phone": Private("617-555-0142")}
    return Entry(
        entry_id=f"{number:032x}", at=NOW, operation=Operation.CONSULTATION, command="search",
        outcome=Outcome.ANSWERED, requester="det. Alvarez", agency_ori="ZZ0010100",
        origin="search@desk-7", purpose="criminal_investigation", case_number="2026-00117",
        asked={"sex": ["M"], **private} if asked else {"sex": ["M"]}, total=10,
        records=tuple(f"{number * 10 + n:064x}@3" for n in range(10)),
        owners=(OWNER,), levels=("full",),
    )  # fmt: skip


def main() -> None:
    """Measure and print."""
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    appends = int(sys.argv[2]) if len(sys.argv) > 2 else 3000
    uses = int(sys.argv[3]) if len(sys.argv) > 3 else 50_000
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as directory:
        told = appending(Path(directory) / "appends", appends)
        told |= verifying(Path(directory) / "whole", entries)
        told |= telling(Path(directory) / "uses", uses)
    print(json.dumps(told))


def appending(directory: Path, appends: int) -> dict[str, float]:
    """Append one entry at a time, and sync a plain file in turns with it."""
    durable, bare = [], []
    directory.mkdir(parents=True)
    handle = os.open(directory / "bare", os.O_RDWR | os.O_CREAT)
    os.pwrite(handle, bytes(appends * 1000), 0)
    os.fsync(handle)
    with AuditLog(Store(directory, Sealer(bytes(32))), 30) as log:
        for number in range(appends):
            made = entry(number)
            durable.append(timed(lambda made=made: log.append(made)))  # type: ignore[misc]
            os.pwrite(handle, b"x" * 1000, number * 1000)
            bare.append(timed(lambda: os.fdatasync(handle)))
    os.close(handle)
    return {
        "append_p50_ms": part(durable, 0.5), "append_p99_ms": part(durable, 0.99),
        "bare_sync_p50_ms": part(bare, 0.5), "bare_sync_p99_ms": part(bare, 0.99),
        "append_to_bare_sync": round(part(durable, 0.5) / part(bare, 0.5), 2),
    }  # fmt: skip


def verifying(directory: Path, entries: int) -> dict[str, float]:
    """Fill a log, sign it, and verify all of it."""
    filling = timed(lambda: fill(directory, entries))
    signing = timed(lambda: make_checkpoint(directory, "bench", KEY))
    cpu, started = time.process_time(), time.perf_counter()
    report = verify(directory, key_of("bench", LOG_KEY, KEY), (), stored_checkpoints(directory))
    took, used = time.perf_counter() - started, time.process_time() - cpu
    if not report.is_sound or report.entries != entries:
        raise SystemExit(f"the log is not sound: {report.findings}")
    size = sum(path.stat().st_size for path in (directory / "entries").glob("*.log"))
    return {
        "entries": entries, "bytes_per_entry": size // entries,
        "appended_together_per_second": round(entries / filling),
        "first_checkpoint_seconds": round(signing, 2),
        "verify_seconds": round(took, 2), "verify_cpu_seconds": round(used, 2),
    }  # fmt: skip


class Encoding:
    """Encodes what it is given as the writer for Kafka does, and drops it."""

    def __init__(self) -> None:
        registry = MemoryRegistry()
        registry.add_topic(topic_of(OWNER))
        self.written = 0
        self._encoder = Encoder(registry, f"{topic_of(OWNER)}-value")  # type: ignore[arg-type]

    def write(self, messages: Sequence[Addressed]) -> None:
        """Encode a batch."""
        self.written += sum(1 for each in messages if self._encoder.encode(each.value))


def telling(directory: Path, uses: int) -> dict[str, float]:
    """Tell an owner of every use in a log."""
    fill(directory / "audit", uses)
    make_checkpoint(directory / "audit", "bench", KEY)
    writer = Encoding()
    publisher = UsesPublisher(
        SignedLog(directory / "audit", key_of("bench", LOG_KEY, KEY)),
        PlaceFile(directory / "place.json", "bench"), writer, lambda: (OWNER,), SystemClock(),
    )  # fmt: skip
    cpu, started = time.process_time(), time.perf_counter()
    while publisher.step():
        pass
    took, used = time.perf_counter() - started, time.process_time() - cpu
    if writer.written != uses:
        raise SystemExit(f"{writer.written} uses were told of {uses}")
    return {"uses_per_second": round(uses / took), "cpu_us_per_use": round(used / uses * 1e6, 1)}


def fill(directory: Path, entries: int) -> None:
    """Append entries, many to a commit."""
    store = Store(directory, Sealer(bytes(32)))
    for first in range(0, entries, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, entries))
        store.commit([entry(number, asked=False) for number in numbers], 30)
    store.close()


def timed(act: Callable[[], object]) -> float:
    """Give how many seconds an act takes."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def part(seconds: list[float], share: float) -> float:
    """Give a quantile in milliseconds."""
    ordered = sorted(seconds)
    return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000, 2)


if __name__ == "__main__":
    main()
