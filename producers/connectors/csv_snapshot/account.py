"""What became of every row of a snapshot. The sums always add up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

_REFUSALS_KEPT: Final = 1000

Ending = Literal["published", "held", "dry_run"]


class Refusal(NamedTuple):
    """A row that was refused: where it starts, and why; never what it says."""

    file: str
    line: int
    reason: str
    detail: str


@dataclass(slots=True)
class Account:
    """The account of one export's snapshot.

    `read` = `accepted` + `unchanged` + `duplicates` + the refused. `withdrawn` counts records
    whose rows vanished; they are no rows. `withdrawals_held` are those that wait, because rows
    whose key nobody can read may be theirs. `sealed` counts the unchanged rows whose record is
    sealed. `refusals` keeps the first thousand.
    """

    department: str
    export: str
    record_kind: str
    file: str
    ending: Ending = "published"
    read: int = 0
    accepted: int = 0
    unchanged: int = 0
    duplicates: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    withdrawn: int = 0
    withdrawals_held: int = 0
    sealed: int = 0
    held_because: str | None = None
    warnings: list[str] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    def refuse(self, line: int, reason: str, detail: str) -> None:
        """Count a refused row, and keep where it was."""
        self.refused[reason] += 1
        if len(self.refusals) < _REFUSALS_KEPT:
            self.refusals.append(Refusal(self.file, line, reason, detail))

    @property
    def settled(self) -> int:
        """How many rows are accounted for."""
        return self.accepted + self.unchanged + self.duplicates + self.refused.total()

    @property
    def adds_up(self) -> bool:
        """Whether every row that was read is accounted for, once."""
        return self.read == self.settled

    def to_json(self) -> dict[str, Any]:
        """Give the account as plain data, without the list of refusals."""
        return {
            "department": self.department,
            "export": self.export,
            "record_kind": self.record_kind,
            "file": self.file,
            "ending": self.ending,
            "read": self.read,
            "accepted": self.accepted,
            "unchanged": self.unchanged,
            "duplicates": self.duplicates,
            "refused": dict(sorted(self.refused.items())),
            "withdrawn": self.withdrawn,
            "withdrawals_held": self.withdrawals_held,
            "sealed": self.sealed,
            "held_because": self.held_because,
            "warnings": self.warnings,
        }
