"""The numbers of commands that end by themselves, in a file for the node exporter.

A publisher or a search is over before anybody could ask it for `/metrics`. What it counted is
added to a file that the node exporter's textfile collector shows on its own page. Invariant:
counts in the file never fall and none is lost, also when commands end at the same moment; a
gauge is what was said last.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from recordbus import logs, metrics
from recordbus.clock import Clock
from recordbus.metrics import CATALOGUE, MetricSpec, Sample, exposition_text, read_exposition

FILE: Final = "recordbus-commands.prom"
OF_COMMANDS: Final = frozenset(
    {
        "recordbus_command_ended_timestamp_seconds",
        "recordbus_ingest_ack_seconds",
        "recordbus_ingest_records_total",
        "recordbus_quarantine_entries",
        "recordbus_search_requests_total",
        "recordbus_search_seconds",
        "recordbus_snapshot_rows_held",
    }
)
"""What commands count; everything else on a metrics page is of workers."""

_PARTS: Final = ("", "_bucket", "_count", "_sum")
_log = logs.logger(__name__)


def add_to_textfile(directory: Path, command: str, exit_code: int, clock: Clock) -> None:
    """Add what this process counted to the file in `directory`, and that its command ended.

    Does nothing in a process that has a metrics page of its own. Raises OSError.
    """
    if metrics.is_served():
        return
    ended = metrics.COMMAND_ENDED_TIMESTAMP_SECONDS
    ended.labels(command=command, exit_code=str(int(exit_code))).set(clock.now().timestamp())
    path = directory / FILE
    with (directory / f".{FILE}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        metrics.write_textfile(
            path, merged(_earlier(path), read_exposition(exposition_text().decode()))
        )


def merged(earlier: Iterable[Sample], now: Iterable[Sample]) -> dict[MetricSpec, list[Sample]]:
    """Put what stood in the file and what was counted since together, by metric (pure).

    Counters and histograms add up. A gauge that was not set since keeps its value.
    """
    specs = {f"{spec.name}{part}": spec for spec in CATALOGUE for part in _PARTS}
    values: dict[MetricSpec, dict[tuple[str, tuple[tuple[str, str], ...]], float]] = {}
    for sample in (*earlier, *now):
        spec = specs.get(sample.name)
        if spec is None or spec.name not in OF_COMMANDS:
            continue
        key = (sample.name, tuple(sorted(sample.labels.items())))
        known = values.setdefault(spec, {})
        before = 0.0 if spec.kind == "gauge" else known.get(key, 0.0)
        known[key] = before + sample.value
    return {
        spec: [Sample(name, dict(labels), value) for (name, labels), value in known.items()]
        for spec, known in values.items()
    }


def _earlier(path: Path) -> list[Sample]:
    try:
        return read_exposition(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except ValueError:
        _log.warning("a metrics file that cannot be read is begun anew", path=str(path))
        return []
