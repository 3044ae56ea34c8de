"""What became of every row that a department exported (pure).

The invariant: read = accepted + unchanged + refused + duplicates + quarantined, for each
department, always. A row that is in none of them was lost, and `balance` says how many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class DepartmentAccount:
    """One department's rows; `refused` and `quarantined` count by reason code."""

    read: int
    sent: int
    unchanged: int
    duplicates: int
    refused: Mapping[str, int] = field(default_factory=dict)
    quarantined: Mapping[str, int] = field(default_factory=dict)
    searchable: int = 0

    @property
    def accepted(self) -> int:
        """Count the rows that were sent and that intake did not quarantine."""
        return self.sent - sum(self.quarantined.values())

    @property
    def balance(self) -> int:
        """Give the rows unaccounted for: 0, or a row was lost or counted twice."""
        explained = self.sent + self.unchanged + self.duplicates + sum(self.refused.values())
        return self.read - explained

    def as_json(self) -> dict[str, Any]:
        """Give the account in the shape that `recordbus demo --json` prints."""
        return {
            "read": self.read,
            "accepted": self.accepted,
            "unchanged": self.unchanged,
            "refused": dict(sorted(self.refused.items())),
            "duplicates": self.duplicates,
            "quarantined": dict(sorted(self.quarantined.items())),
            "searchable": self.searchable,
        }


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What a whole run shows: the departments' accounts, and how long and how fast.

    `first_answer_seconds` runs from the start of the demo to the end of its first search; None
    when nothing was searched. `associations` counts entities and ties at the end.
    """

    departments: Mapping[str, DepartmentAccount]
    latency_p50_seconds: float
    latency_p99_seconds: float
    records_per_second: float
    first_answer_seconds: float | None = None
    associations: Mapping[str, Any] = field(default_factory=dict)

    @property
    def searchable(self) -> Counter[str]:
        """Count the records that the index holds, by department."""
        return Counter({name: each.searchable for name, each in self.departments.items()})

    def as_json(self) -> dict[str, Any]:
        """Give the one object that `--once --json` prints as its last line."""
        return {
            "departments": {name: a.as_json() for name, a in sorted(self.departments.items())},
            "latency_seconds": {
                "p50": round(self.latency_p50_seconds, 4),
                "p99": round(self.latency_p99_seconds, 4),
            },
            "records_per_second": round(self.records_per_second, 1),
            "first_answer_seconds": _rounded(self.first_answer_seconds),
            "associations": dict(self.associations),
        }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)
