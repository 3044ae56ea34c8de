"""Which decisions of courts reach a record's people (R-26, pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from streams.identify.entries import Court
from streams.identify.groups import Groups
from streams.identify.held import Held

_PERSON: Final = "person"

Reaching = tuple[tuple[str, Court], ...]
"""Mentions of a record and the decisions that reach them, sorted."""


class Courts:
    """Finds the decisions that reach people: those of people in the same entity."""

    def __init__(self, held: Held, groups: Groups) -> None:
        self._held = held
        self._groups = groups

    def reaching(self, records: Iterable[str]) -> dict[str, Reaching]:
        """Give the decisions that reach each of these records, where any does."""
        found = {}
        for record_key in records:
            self._held.load(record_key)
            courts = self._held.courts.get(record_key)
            if courts:
                reaching = tuple(sorted(self._reaching(record_key, courts)))
                if reaching:
                    found[record_key] = reaching
        return found

    def _reaching(self, record_key: str, courts: Collection[Court]) -> Iterator[tuple[str, Court]]:
        """Give each person of a record with every decision about somebody who is one with them."""
        known, resolved = self._held.known, self._groups.resolved
        people = [m for m in self._held.mentions(record_key) if known[m].kind == _PERSON]
        entities = [(each, resolved(each).entity_id) for each in people]
        for court in courts:
            if court.arrest_key == record_key:
                about = {self._entity(f"{court.court_key}.{local}") for local in court.people}
                for mention, entity in entities:
                    if entity in about:
                        yield mention, court

    def _entity(self, mention_id: str) -> str | None:
        held = self._held
        if not held.is_known(mention_id) or held.known[mention_id].kind != _PERSON:
            return None
        return self._groups.resolved(mention_id).entity_id
