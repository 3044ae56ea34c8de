"""Counts what was written: per department, snapshot and reason, for the truth's manifest.

The writer reports each version once; the counts per snapshot are worked out at the end, so that
counting costs the same whatever the number of snapshots.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from producers.synthetic.damage import DUPLICATE_ROW, refused_rows
from producers.synthetic.departments import DEPARTMENTS


class Tally:
    """Counts of one world of `steps` snapshots."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        # (department, kind, word, first step, last step, damage) -> records
        self._versions: Counter[tuple[str, str, str, int, int, str]] = Counter()
        self._changes: Counter[tuple[str, int, str]] = Counter()

    def version(
        self, department: str, kind: str, word: str, first: int, last: int, damage: str
    ) -> None:
        """Count one version of a record; `word` is arrived, changed or restated."""
        self._versions[department, kind, word, first, last, damage] += 1

    def change(self, department: str, step: int, verb: str) -> None:
        """Count one change of a record."""
        self._changes[department, step, verb] += 1

    def summary(self) -> dict[str, Any]:
        """Return records, rows (over all snapshots) and per department kinds and snapshots."""
        departments = {d.name: self._department(d.name) for d in DEPARTMENTS}
        each = departments.values()
        return {
            "records": sum(sum(d["record_kinds"].values()) for d in each),
            "rows": sum(s["rows"] for d in each for s in d["snapshots"]),
            "departments": departments,
        }

    def _department(self, name: str) -> dict[str, Any]:
        kinds: Counter[str] = Counter()
        for (department, kind, word, *_), count in self._versions.items():
            if department == name and word == "arrived":
                kinds[kind] += count
        return {
            "record_kinds": dict(sorted(kinds.items())),
            "snapshots": [self._snapshot(name, step) for step in range(1, self._steps + 1)],
        }

    def _snapshot(self, name: str, step: int) -> dict[str, Any]:
        """Count a snapshot: rows in it, refusals, duplicates, records, and what it changed."""
        counts: Counter[str] = Counter(rows=0, duplicates=0, records=0)
        refused: Counter[str] = Counter()
        for (department, kind, word, first, last, damage), count in self._versions.items():
            if department != name or not first <= step <= last:
                continue
            reasons = refused_rows(damage, kind)
            for reason, rows in reasons.items():
                refused[reason] += rows * count
            twice = damage == DUPLICATE_ROW
            counts["rows"] += count * (2 if twice else max(1, sum(reasons.values())))
            counts["duplicates"] += count * twice
            if not reasons:
                counts["records"] += count
                counts[word] += count * (first == step)
        for (department, at, verb), count in self._changes.items():
            if department == name and at == step and verb != "arrive":
                counts[verb] += count
        return dict(sorted(counts.items())) | {"refused": dict(sorted(refused.items()))}
