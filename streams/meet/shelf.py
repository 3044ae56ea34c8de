"""The bundles of a partition, read as far as somebody asks for them, and kept a while."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Final, Generic, TypeVar

from streams.meet.entries import EntryReader, Head, Removed
from streams.meet.index import LAST_PLACE, PLACE_BITS, Index
from streams.resolution.mentions import Mention

MOST_KEPT: Final = 100_000
"""Bundles whose mentions are kept as they were read: some 150 MB."""
_LET_GO: Final = 1000

_T = TypeVar("_T")


class _Kept(Generic[_T]):
    """What was made of bundles, by number; the oldest go first when there is too much."""

    def __init__(self, make: Callable[[int], _T], most: int) -> None:
        self._make = make
        self._most = most
        self._kept: dict[int, _T] = {}

    def get(self, number: int) -> _T:
        found = self._kept.get(number)
        if found is None:
            found = self._make(number)
            self.put(number, found)
        return found

    def put(self, number: int, made: _T) -> None:
        if len(self._kept) >= self._most:
            self._let_go()
        self._kept[number] = made

    def forget(self, number: int) -> None:
        self._kept.pop(number, None)

    def _let_go(self) -> None:
        for number in list(islice(self._kept, _LET_GO)):
            del self._kept[number]


class Shelf:
    """Gives heads and mentions by record number, and mentions by member."""

    def __init__(self, reader: EntryReader, index: Index, most_kept: int = MOST_KEPT) -> None:
        self._reader = reader
        self._index = index
        self._heads = _Kept(self._read_head, max(1, most_kept // 10))
        self._mentions = _Kept(self._read_mentions, most_kept)

    def head(self, number: int) -> Head:
        """Give the bundle of a live record without its mentions."""
        return self._heads.get(number)

    def mentions(self, number: int) -> tuple[Mention, ...]:
        """Give the mentions of a live record."""
        return self._mentions.get(number)

    def mention(self, member: int) -> Mention:
        """Give the mention that a member stands for."""
        return self._mentions.get(member >> PLACE_BITS)[member & LAST_PLACE]

    def forget(self, number: int) -> None:
        """Keep nothing of a record whose bundle changed."""
        self._heads.forget(number)
        self._mentions.forget(number)

    def put(self, number: int, mentions: tuple[Mention, ...]) -> None:
        """Keep the mentions of a record that were read before it had a place here."""
        self._mentions.put(number, mentions)

    def _read_head(self, number: int) -> Head:
        head = self._reader.read(self._index.value(number))
        assert not isinstance(head, Removed), "a removal has no number"
        return head

    def _read_mentions(self, number: int) -> tuple[Mention, ...]:
        return self._reader.mentions(self.head(number))


class Scene:
    """The records of a partition while one of them changes."""

    def __init__(
        self, shelf: Shelf, number: int, head: Head | None, mentions: tuple[Mention, ...]
    ) -> None:
        self._shelf = shelf
        self._number = number
        self._head = head
        self._mentions = mentions

    def head(self, number: int) -> Head:
        """Give a live record's bundle without its mentions."""
        if number != self._number:
            return self._shelf.head(number)
        assert self._head is not None, "a record that is gone is asked for"
        return self._head

    def mentions(self, number: int) -> tuple[Mention, ...]:
        """Give a live record's mentions."""
        return self._mentions if number == self._number else self._shelf.mentions(number)

    def mention(self, member: int) -> Mention:
        """Give the mention that a member stands for."""
        if member >> PLACE_BITS == self._number:
            return self._mentions[member & LAST_PLACE]
        return self._shelf.mention(member)
