"""What people decided about pairs of mentions: it overrides weights, and is revocable (pure)."""

from __future__ import annotations

from typing import NamedTuple

from streams.resolution.verdicts import NO, SAME

Pair = tuple[str, str]


class Judgement(NamedTuple):
    """`is_same` joins two mentions, else it keeps them apart; reason and author are always given.

    Expiry is a revocation that comes as data; nothing here knows what time it is.
    """

    a: str
    b: str
    is_same: bool
    reason: str
    author: str

    @property
    def pair(self) -> Pair:
        """Give the two mentions in order."""
        return pair(self.a, self.b)

    @property
    def summary(self) -> tuple[str, str, str]:
        """Give what an explanation says of it."""
        return (SAME if self.is_same else NO, self.author, self.reason)


def pair(a: str, b: str) -> Pair:
    """Give two mention ids in their one order."""
    return (a, b) if a < b else (b, a)
