"""What people and courts decided about pairs, and whether it is in force by now (pure).

A judgement counts until it is revoked or its day has come. Time is what the newest tick says, so a
judgement without a tick past its end still counts: nothing here looks at a clock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from recordbus.avro.reader import EPOCH, MICROSECOND
from streams.identify.entries import record_of
from streams.resolution.judgements import Judgement, Pair

_SAME: Final = "same"
_REVOKED: Final = "revoked"
_NOBODY: Final[frozenset[Pair]] = frozenset()


class Decided(NamedTuple):
    """A judgement and when it lapses, in microseconds since 1970; None when it does not."""

    judgement: Judgement
    until: int | None

    def is_in_force(self, now: int) -> bool:
        """Tell whether it counts at a time in microseconds since 1970."""
        return self.until is None or self.until > now


def decided(said: Sequence[Any]) -> Decided | None:
    """Give what a judgement decides, from its fields in the order of their schema.

    None when it takes back an earlier one.
    """
    a, b, _, _, outcome, reason, author, _, ends = said
    if outcome == _REVOKED:
        return None
    until = None if ends is None else micros(ends)
    return Decided(Judgement(a, b, outcome == _SAME, reason, author), until)


def micros(moment: datetime) -> int:
    """Give a moment in microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


class Judged:
    """All judgements that are not revoked, and the time."""

    def __init__(self) -> None:
        self._decided: dict[Pair, Decided] = {}
        self._of_record: dict[str, set[Pair]] = {}
        self.now = 0

    def put(self, ends: Pair, what: Decided | None) -> None:
        """Let a judgement be the one on its pair, or none."""
        if what is not None:
            self._decided[ends] = what
            for end in ends:
                self._of_record.setdefault(record_of(end), set()).add(ends)
        elif self._decided.pop(ends, None) is not None:
            for record_key in {record_of(end) for end in ends}:
                pairs = self._of_record[record_key]
                pairs.discard(ends)
                if not pairs:
                    del self._of_record[record_key]

    def get(self, ends: Pair) -> Decided | None:
        """Give what was decided on a pair, in force or not."""
        return self._decided.get(ends)

    def in_force(self, ends: Pair) -> Judgement | None:
        """Give the judgement that counts on a pair now."""
        found = self._decided.get(ends)
        return found.judgement if found is not None and found.is_in_force(self.now) else None

    def of_record(self, record_key: str) -> Collection[Pair]:
        """Give the pairs with a mention of a record that somebody judged."""
        return self._of_record.get(record_key, _NOBODY)

    def lapsing(self, now: int) -> Iterator[Pair]:
        """Give the pairs whose judgement counts, and no more once it is `now`."""
        for ends, what in self._decided.items():
            if what.is_in_force(self.now) and not what.is_in_force(now):
                yield ends

    @property
    def count(self) -> int:
        """Count the judgements that are in force."""
        return sum(what.is_in_force(self.now) for what in self._decided.values())

    def content(self) -> tuple[dict[Pair, Decided], dict[str, set[Pair]], int]:
        """Give everything, for comparison with what is derived anew."""
        return dict(self._decided), dict(self._of_record), self.now
