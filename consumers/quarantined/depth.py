"""How much stands in the quarantine, as a number that whoever watches the bus can ask for.

Only operators read `quarantine.v1`, so no worker can count it; what the command counted is left in
the textfile of commands. A department with nothing left shows 0.
"""

from __future__ import annotations

from collections.abc import Iterable

from consumers.quarantined.entry import Count
from recordbus.metrics import QUARANTINE_ENTRIES


def leave_depth(counts: Iterable[Count], departments: Iterable[str]) -> None:
    """Set the number of entries of each department; empty is that of the bus itself."""
    found = dict.fromkeys((*departments, ""), 0)
    for count in counts:
        name = count.department or ""
        found[name] = found.get(name, 0) + count.entries
    for name, entries in found.items():
        QUARANTINE_ENTRIES.labels(department=name).set(entries)
