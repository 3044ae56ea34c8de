"""How a record changes between snapshots: arrival, correction, progress, withdrawal, sealing.

Every record has at most one change after it arrives (a seal may be lifted again), so the number of
snapshots does not multiply the rows that must be held. Steps count from 1, the first snapshot.
"""

from __future__ import annotations

from typing import NamedTuple

from producers.synthetic.calendar import LAST_DAY
from producers.synthetic.draws import Uniform
from producers.synthetic.facts import Fact
from producers.synthetic.narratives import supplement

# Shares of all records per snapshot after the first ...
LATE, CORRECTED, WITHDRAWN, SEALED, EXPUNGED = 0.006, 0.015, 0.001, 0.0008, 0.0007
# ... and shares of what is pending that is settled by the last snapshot.
PROGRESSED, DECIDED = 0.3, 0.7


class Version(NamedTuple):
    """A fact as it stands in the snapshots from `first_step` to `last_step`, both included."""

    fact: Fact
    first_step: int
    last_step: int


class Change(NamedTuple):
    """One change of one record at a step: the verb a department would use, and why."""

    step: int
    verb: str
    fact: Fact
    reason: str


def history(fact: Fact, steps: int, uniform: Uniform) -> tuple[list[Version], list[Change]]:
    """Return the versions of a fact over the snapshots and the changes after the first one."""
    arrived = max(1, fact.day - LAST_DAY + 1)
    if steps == 1:
        return [Version(fact, 1, 1)], []
    changes: list[Change] = []
    if arrived > 1:
        changes.append(Change(arrived, "arrive", fact, "new"))
        fact.recorded = fact.day
    u = uniform() / (steps - 1)
    if fact.fate is None and arrived == 1 and u < LATE:
        arrived = 2 + int(u / LATE * (steps - 1))
        fact.recorded = LAST_DAY + arrived - 1
        changes.append(Change(arrived, "arrive", fact, "late"))
    if arrived == steps:
        return [Version(fact, arrived, steps)], changes
    later, more = _later(fact, arrived, steps, u, uniform)
    return later, changes + more


def _later(
    fact: Fact, arrived: int, steps: int, u: float, uniform: Uniform
) -> tuple[list[Version], list[Change]]:
    if fact.fate is not None:
        step, verb, reason = fact.fate
        return _removed(fact, arrived, max(step, arrived + 1), steps, verb, reason)
    step = arrived + 1 + int(uniform() * (steps - arrived))
    v = u - LATE
    if 0 <= v < CORRECTED:
        return _replaced(fact, corrected(fact, uniform), arrived, step, steps, "correct")
    v -= CORRECTED
    for share, verb, reason in (
        (WITHDRAWN, "withdraw", "entered_in_error"),
        (SEALED, "seal", "court_order"),
        (EXPUNGED, "expunge", "court_order"),
    ):
        if 0 <= v < share:
            return _removed(fact, arrived, step, steps, verb, reason)
        v -= share
    if uniform() < (DECIDED if fact.kind == "court_disposition" else PROGRESSED):
        progress = progressed(fact, LAST_DAY + step - 1, uniform)
        if progress is not None:
            return _replaced(fact, progress, arrived, step, steps, "progress")
    return [Version(fact, arrived, steps)], []


def _replaced(
    old: Fact, new: Fact, arrived: int, step: int, steps: int, verb: str
) -> tuple[list[Version], list[Change]]:
    versions = [Version(old, arrived, step - 1), Version(new, step, steps)]
    return versions, [Change(step, verb, new, "")]


def _removed(
    fact: Fact, arrived: int, step: int, steps: int, verb: str, reason: str
) -> tuple[list[Version], list[Change]]:
    if step > steps:
        return [Version(fact, arrived, steps)], []
    versions = [Version(fact, arrived, step - 1)]
    changes = [Change(step, verb, fact, reason)]
    if verb == "seal" and step < steps and fact.minute % 4 == 0:
        versions.append(Version(fact, step + 1, steps))
        changes.append(Change(step + 1, "unseal", fact, "order_vacated"))
    return versions, changes


def corrected(fact: Fact, uniform: Uniform) -> Fact:
    """Return the fact with its clerical errors put right, or supplemented when it has none."""
    new = fact.copy()
    wrong = {slip.slot for slip in fact.slips}
    if not wrong:
        new.narrative = (fact.narrative or "No narrative.") + supplement(uniform)
        return new
    new.slips = []
    new.people = [
        m._replace(person=m.truth.as_of(fact.day)) if m.slot in wrong else m for m in fact.people
    ]
    new.vehicles = [m._replace(vehicle=m.truth) if m.slot in wrong else m for m in fact.vehicles]
    return new


def progressed(fact: Fact, today: int, uniform: Uniform) -> Fact | None:
    """Return the fact after what was pending has been settled; None when nothing was."""
    details = fact.details
    if fact.kind == "court_disposition" and details["outcome"] == "pending":
        return _decided(fact, today, uniform())
    if fact.kind == "warrant" and details["warrant_status"] == "active":
        return _with(fact, warrant_status="served", served_day=today)
    if fact.kind in {"custody", "booking"} and details["released_day"] is None:
        return _with(fact, released_day=today)
    if fact.kind == "missing_person" and details["missing_status"] == "active":
        return _with(fact, missing_status="located", found_day=today)
    if fact.kind == "incident" and details["incident_status"] == "open":
        return _with(fact, incident_status="closed")
    return None


def _with(fact: Fact, **details: object) -> Fact:
    new = fact.copy()
    new.details.update(details)
    return new


def _decided(fact: Fact, today: int, u: float) -> Fact:
    outcome = "convicted" if u < 0.45 else "dismissed" if u < 0.85 else "acquitted"
    new = _with(fact, outcome=outcome, decided_day=today)
    new.details["sentence"] = "Fine" if outcome == "convicted" else ""
    new.charges = [charge._replace(disposition=outcome) for charge in fact.charges]
    if outcome == "convicted":
        new.people = [m._replace(category="convicted") for m in fact.people]
    return new
