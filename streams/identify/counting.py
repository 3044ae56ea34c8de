"""What of everything that was said of a record counts now (pure).

A pair counts while both versions in it are current, whichever side's list states it; so does a
court's decision. Lists may name versions that are past, and then say nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from streams.identify.entries import Compared, Court, Evidenced
from streams.identify.lists import Lists, Spoken
from streams.identify.members import Known
from streams.resolution.evidence import Evidence
from streams.resolution.judgements import Pair


class Counted(NamedTuple):
    """A record's mentions, its pairs with those of others, and the courts' decisions about it."""

    known: Mapping[str, Known]
    pairs: Mapping[Pair, tuple[str, Evidence]]
    courts: frozenset[Court]


NOTHING: Final = Counted({}, {}, frozenset())


class Counting:
    """Finds what counts of a record, from its own lists and those that name it."""

    def __init__(self, lists: Lists, evidence: Callable[[bytes], Evidenced]) -> None:
        self._lists = lists
        self._evidence = evidence

    def known(self, spoken: Spoken) -> Mapping[str, Known]:
        """Give the mentions of a record by id, in their order; none unless it is live."""
        for value in spoken.values:
            members = self._evidence(value).members
            if members is not None:
                return members
        return {}

    def of(self, record_key: str, spoken: Spoken) -> Counted:
        """Give what counts of a record, if this is what was said of it."""
        if not spoken.is_live:
            return NOTHING
        known = self.known(spoken)
        pairs: dict[Pair, tuple[str, Evidence]] = {}
        courts: set[Court] = set()
        for value in spoken.values:
            said = self._evidence(value)
            self._take(pairs, known, self._current(said.pairs))
            courts.update(c for c in said.courts if self._reaches(c, record_key, spoken.version))
        for value in self._naming(record_key):
            said = self._evidence(value)
            about = said.pairs_with.get(record_key, ())
            theirs = [each for each in about if each.other_version == spoken.version]
            self._take(pairs, known, theirs)
            courts.update(c for c in said.courts if self._reaches(c, record_key, spoken.version))
        return Counted(known, pairs, frozenset(courts))

    def _naming(self, record_key: str) -> Iterator[bytes]:
        for other in self._lists.naming(record_key):
            yield from self._lists.of(other).values

    def _current(self, pairs: Iterable[Compared]) -> list[Compared]:
        live = self._lists.live_versions.get
        return [each for each in pairs if live(each.other) == each.other_version]

    def _reaches(self, court: Court, record_key: str, version: int) -> bool:
        """Tell whether a decision is of or about a record, and both versions are current."""
        sides = {court.arrest_key: court.arrest_version, court.court_key: court.court_version}
        if sides.get(record_key) != version:
            return False
        if court.arrest_key == court.court_key:
            return court.arrest_version == court.court_version
        return all(
            key == record_key or self._lists.live_version(key) == stated
            for key, stated in sides.items()
        )

    @staticmethod
    def _take(
        pairs: dict[Pair, tuple[str, Evidence]],
        known: Mapping[str, Known],
        stated: Iterable[Compared],
    ) -> None:
        """Take pairs in; of two that differ, which meet never states, the order is no reason."""
        for each in stated:
            a, b = each.ends
            if a in known or b in known:
                found = (each.kind, each.evidence)
                there = pairs.get(each.ends)
                if there is None or found < there:
                    pairs[each.ends] = found
