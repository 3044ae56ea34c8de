"""All that the bus now says of one record: the unit that feeds keep right (pure).

A record, the associations that rest on it and the entities of its mentions have one key, so all
that a subscriber holds of it can be compared at once with all that it may hold.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from recordbus.verification import UNVERIFIED, Standing, standing_of
from schemas.types import AssociationUpdate, Record, RecordVerifications

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Presence:
    """The newest value of each topic for one record key.

    `record` is a marker once the record is removed, and None before it was ever heard of.
    `associations` are all updates by association id, retracted ones too. `entities` gives the
    entity of each mention by its local id. `verifications` are the questions to its owner.
    """

    record_key: str
    record: Record | None = None
    associations: Mapping[str, AssociationUpdate] = field(default_factory=dict)
    entities: Mapping[str, str] = field(default_factory=dict)
    verifications: RecordVerifications | None = None
    _known: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def is_live(self) -> bool:
        """Whether there is a record with content."""
        return self.record is not None and self.record["status"] == "live"

    @property
    def status(self) -> str | None:
        """Give what became of the record: live, sealed, withdrawn, expunged; None if unheard of."""
        return None if self.record is None else self.record["status"]

    def once(self, what: Hashable, work: Callable[[], T]) -> T:
        """Give what some work makes of this alone; many subscribers ask for the same.

        `what` names the work and all that it depends on besides.
        """
        known = self._known
        if what not in known:
            known[what] = work()
        return cast(T, known[what])

    def standing(self) -> dict[str, AssociationUpdate]:
        """Give the associations that hold, by id; what a dispute froze does not (R-19).

        None of them outlives its record: a removal that has reached the feed through the record
        does not wait until the associations say it too.
        """
        return self.once("standing", self._standing)

    def why_gone(self, association_id: str) -> str | None:
        """Give the bus's own reason why an association does not hold; None if it has none."""
        if self.record is not None and not self.is_live:
            return self.status
        update = self.associations.get(association_id)
        return update["reason"] if update is not None and update["status"] == "retracted" else None

    def verification(self, subject: str) -> Standing:
        """Give what its owner answered about something of this version of the record (R-34)."""
        if self.record is None:
            return UNVERIFIED
        return standing_of(self.verifications, subject, self.record["source_seq"])

    def _standing(self) -> dict[str, AssociationUpdate]:
        if not self.is_live:
            return {}
        return {
            each: update
            for each, update in sorted(self.associations.items())
            if update["status"] != "retracted" and update["association"] is not None
        }
