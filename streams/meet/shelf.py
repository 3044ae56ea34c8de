"""The bundles of a partition, read as far as somebody asks for them, and kept a while."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from streams.meet.entries import EntryReader, Head, Removed
from streams.meet.index import LAST_PLACE, PLACE_BITS, Index
from streams.resolution.mentions import Mention

MOST_KEPT: Final = 300_000
"""Bundles whose mentions are kept as they were read: some 350 MB."""

_T = TypeVar("_T")


class _Kept(Generic[_T]):
    """What was made of bundles, by number; beyond `most`, what nobody asked for longest goes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[int, _T] = OrderedDict()

    def get(self, number: int, make: Callable[[int], _T]) -> _T:
        found = self._kept.get(number)
        if found is None:
            found = make(number)
            self.put(number, found)
        else:
            self._kept.move_to_end(number)
        return found

    def put(self, number: int, made: _T) -> None:
        self._kept[number] = made
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def forget(self, number: int) -> None:
        self._kept.pop(number, None)


class Shelf:
    """Gives heads and mentions by record number, and mentions by member."""

    def __init__(self, reader: EntryReader, index: Index, most_kept: int = MOST_KEPT) -> None:
        self._reader = reader
        self._index = index
        self._heads: _Kept[Head] = _Kept(max(1, most_kept // 10))
        self._mentions: _Kept[tuple[Mention, ...]] = _Kept(most_kept)

    def head(self, number: int) -> Head:
        """Give the bundle of a live record without its mentions."""
        return self._heads.get(number, self._read_head)

    def mentions(self, number: int) -> tuple[Mention, ...]:
        """Give the mentions of a live record."""
        return self._mentions.get(number, self._read_mentions)

    def mention(self, member: int) -> Mention:
        """Give the mention that a member stands for."""
        mentions = self._mentions.get(member >> PLACE_BITS, self._read_mentions)
        return mentions[member & LAST_PLACE]

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
        index = self._index
        return self._reader.mentions_in(index.value(number), index.mentions_at(number))


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
