"""What a partner sees who follows the topics of associations message by message (R-02).

For each association: asserted, changed as often as need be, retracted; numbered without gaps, in
versions that only rise, and never with an entity that its mention was not said to be.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from tests.oracle.associations import Fields

_GONE: Final = frozenset({"withdrawn", "sealed", "expunged"})


class Unfollowable(Exception):
    """A partner was told something that does not follow from what came before."""


@dataclass(slots=True)
class Partner:
    """Somebody who reads records, identities and associations in the order of their commits."""

    status: dict[tuple[str, int], str] = field(default_factory=dict)
    known: dict[str, str | None] = field(default_factory=dict)
    last: dict[str, Fields] = field(default_factory=dict)
    heard: Counter[str] = field(default_factory=Counter)

    def hear_record(self, said: Fields) -> None:
        """Take in how a version of a record stands."""
        self.status[said["record_key"], said["version"]] = said["status"]

    def hear_identity(self, said: Fields) -> None:
        """Take in who a mention is now, and who it was; raises Unfollowable."""
        entity, before = said["entity_id"], self.known.get(said["mention_id"])
        self._must((entity is None) == (said["reason"] is not None), said)
        has_moved = None not in (before, entity) and before != entity
        self._must(said["previous_entity_id"] == (before if has_moved else None), said)
        self._check_reason(said)
        self.known[said["mention_id"]] = entity

    def hear_dropped(self, mention_id: str) -> None:
        """Take in that a mention is no longer in its record."""
        self.known.pop(mention_id, None)

    def hear_update(self, said: Fields) -> None:
        """Take in what is said of an association; raises Unfollowable."""
        name, before = said["association_id"], self.last.get(said["association_id"])
        self.heard[name] += 1
        self._must(said["sequence"] == self.heard[name], said)
        self._must(before is None or said["version"] >= before["version"], said)
        self._check_step(before, said)
        self._check_reason(said)
        content = said["association"]
        for end in ("from", "to") if content is not None else ():
            mention, entity = content[f"{end}_mention_id"], content[f"{end}_entity_id"]
            self._must(self.known.get(mention) == entity, said)
        self.last[name] = said

    def _check_step(self, before: Fields | None, said: Fields) -> None:
        stood = before is not None and before["status"] != "retracted"
        held = before is not None and before["association"] is not None
        if said["status"] == "retracted":
            self._must(said["reason"] is not None, said)
            self._must(held or said["reason"] == "dispute", said)  # else it is taken back twice
        else:
            self._must(said["reason"] is None and stood == (said["status"] == "changed"), said)
        is_marker = said["reason"] not in (None, "dispute")
        self._must((said["association"] is None) == is_marker, said)

    def _check_reason(self, said: Fields) -> None:
        """What goes with its record goes for that reason, and everything else for another."""
        status = self.status.get((said["record_key"], said["version"]))
        if status is not None:
            is_gone = status != "live"
            self._must((said["reason"] == status) if is_gone else said["reason"] not in _GONE, said)

    def _must(self, holds: bool, said: Any) -> None:
        if not holds:
            name = said.get("association_id") or said["mention_id"]
            raise Unfollowable(f"{name}: {said} after {self.last.get(name)}")
