"""What a partner sees who follows the topics of associations message by message (R-02).

For each association: asserted, changed as often as need be, retracted; numbered without gaps, in
versions that only rise, and never with an entity that its mention was not said to be.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.oracle.associations import Fields


class Unfollowable(Exception):
    """A partner was told something that does not follow from what came before."""


@dataclass(slots=True)
class Partner:
    """Somebody who reads identities and associations in the order in which they were committed."""

    known: dict[str, str | None] = field(default_factory=dict)
    last: dict[str, Fields] = field(default_factory=dict)
    heard: Counter[str] = field(default_factory=Counter)

    def hear_identity(self, said: Fields) -> None:
        """Take in who a mention is now."""
        self._must((said["entity_id"] is None) == (said["reason"] is not None), said)
        self.known[said["mention_id"]] = said["entity_id"]

    def hear_update(self, said: Fields) -> None:
        """Take in what is said of an association; raises Unfollowable."""
        name, before = said["association_id"], self.last.get(said["association_id"])
        self.heard[name] += 1
        self._must(said["sequence"] == self.heard[name], said)
        self._must(before is None or said["version"] >= before["version"], said)
        self._check_step(before, said)
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

    def _must(self, holds: bool, said: Any) -> None:
        if not holds:
            name = said.get("association_id") or said["mention_id"]
            raise Unfollowable(f"{name}: {said} after {self.last.get(name)}")
