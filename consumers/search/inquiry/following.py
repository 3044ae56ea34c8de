"""Which ties may be followed from one entity to another, and why the others are not (pure).

Invariant: a way between two people never leads through a victim or a witness, through having been
in one place, through what a dispute froze, or through what its owner keeps to itself
(R-04, R-07, R-13, R-19, R-31). Whatever is left out is counted and said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from consumers.search.ties import makes_no_way
from schemas.rules import relation_types

ASSESSMENT: Final = "assessment"
RESTRICTED: Final = "restricted by its owner"
DESIGNATION: Final = "designation"
PAST: Final = "past its end"


@dataclass(frozen=True, slots=True)
class Following:
    """How ties are followed at a moment; assessments only when they are asked for."""

    now: datetime
    with_assessments: bool = False

    def barred(self, told: Mapping[str, Any]) -> str | None:
        """Say why a tie is not followed; None when it is."""
        reason = self.hidden(told) or makes_no_way(told)
        return reason or (ASSESSMENT if self._is_left_aside(told) else None)

    def hidden(self, told: Mapping[str, Any]) -> str | None:
        """Say why a tie is not even drawn or written out; None when it may be."""
        return hidden(told, self.now)

    def is_drawn_around(self, told: Mapping[str, Any]) -> bool:
        """Tell whether a tie is drawn where it begins or ends at the entity asked for."""
        return self.hidden(told) is None and not self._is_left_aside(told)

    def _is_left_aside(self, told: Mapping[str, Any]) -> bool:
        return told["evidence_kind"] == ASSESSMENT and not self.with_assessments


def hidden(told: Mapping[str, Any], now: datetime) -> str | None:
    """Say why of a tie no more than its owner is told; None when it may be shown."""
    if is_past(told, now):
        return PAST
    if told["dissemination_level"] == "restricted":
        return RESTRICTED
    return None if relation_types()[told["type"]].enabled else DESIGNATION


def is_past(told: Mapping[str, Any], now: datetime) -> bool:
    """Tell whether a tie has come to its end; the bus takes it back within moments (R-23)."""
    ends = told.get("expires_at")
    return ends is not None and datetime.fromisoformat(ends) <= now


def leaves_out(counted: Mapping[str, int]) -> list[str]:
    """Say in words what was not followed, and how many ties that were."""
    return [
        f"{count} {'tie' if count == 1 else 'ties'} {_CALLED[reason]}"
        for reason, count in sorted(counted.items())
        if count
    ]


_CALLED: Final = {
    "victim or witness": "in which somebody is a victim or a witness: nobody becomes an associate "
    "by that (R-04)",
    "seen together or there": "of people seen together, in a vehicle or at a place: nobody becomes "
    "an associate by that (R-07)",
    "held or supervised": "of people held or supervised in one place, which was not their choice",
    "frozen by a dispute": "frozen by a dispute (R-19)",
    ASSESSMENT: "by assessment and not by fact: --assessments follows them too",
    RESTRICTED: "restricted by their owner: ask the owner (R-31)",
    DESIGNATION: "naming members of an organisation: ask the owner (R-13)",
    PAST: "past their end, about to be taken back (R-23)",
}
