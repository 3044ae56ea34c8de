"""What follows from the bundles of one meeting partition: who is in which block (pure).

Invariant: everything here is derived from the bundles alone, in whatever order they came.
Records have numbers here, which mean nothing outside and are used again.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from streams.meet.entries import Head
from streams.resolution.limits import Limits

PLACE_BITS: Final = 16
"""A member is the number of its record, then its place there in so many bits."""
LAST_PLACE: Final = (1 << PLACE_BITS) - 1
"""The place of a record's matters, beyond that of any mention a message may have."""
_NOBODY: Final[frozenset[int]] = frozenset()
_NONE: Final[Mapping[bytes, int]] = {}


def number_of(each: int) -> int:
    """Give the number of a member's record."""
    return each >> PLACE_BITS


def place_of(each: int) -> int:
    """Give the place of a member among its record's mentions."""
    return each & LAST_PLACE


def is_matter(each: int) -> bool:
    """Tell whether a member stands for a matter of its record, not for a mention."""
    return place_of(each) == LAST_PLACE


def memberships(number: int, head: Head) -> Iterator[tuple[bytes, int]]:
    """Give every key that lives here with the member that has it; matters are keys of a record."""
    for place, each in enumerate(head.members):
        member = number << PLACE_BITS | place
        for key in each.keys:
            yield key, member
    for _, key in head.matters:
        if key:
            yield key, number << PLACE_BITS | LAST_PLACE


def holdings(head: Head) -> Iterator[tuple[bytes, bytes]]:
    """Give every value that lives here with the digest of a name that holds it."""
    for each in head.members:
        if each.holder:
            for value in each.values:
                yield value, each.holder


class Blocks:
    """The members of each key. Most keys have one member; those are kept without a set.

    `suspended` counts those with more members than `most`.
    """

    def __init__(self, most: int) -> None:
        self._members: dict[bytes, int | set[int]] = {}
        self._most = most
        self.suspended = 0

    def enter(self, key: bytes, each: int) -> None:
        """Put a member into a block."""
        held = self._members.setdefault(key, each)
        if held is each:
            return
        if isinstance(held, set):
            before = len(held)
            held.add(each)
            if before == self._most:
                self.suspended += len(held) > before
        elif held != each:
            self._members[key] = {held, each}
            self.suspended += self._most == 1

    def leave(self, key: bytes, each: int) -> None:
        """Take a member out of a block that it is in."""
        held = self._members[key]
        if not isinstance(held, set):
            del self._members[key]
            return
        before = len(held)
        held.discard(each)
        self.suspended -= before > self._most == len(held)
        if len(held) == 1:
            self._members[key] = held.pop()

    def members(self, key: bytes) -> Collection[int]:
        """Give the members of a block."""
        held = self._members.get(key)
        if held is None:
            return _NOBODY
        return held if isinstance(held, set) else (held,)

    def content(self) -> dict[bytes, frozenset[int]]:
        """Give all blocks, for comparison."""
        return {key: frozenset(self.members(key)) for key in self._members}


class Holders:
    """How many mentions hold a value under each name.

    `defaults` counts the values with more names than `most`.
    """

    def __init__(self, most: int) -> None:
        self._names: dict[bytes, bytes | dict[bytes, int]] = {}
        self._most = most
        self.defaults = 0

    def hold(self, value: bytes, name: bytes) -> None:
        """Count a mention that holds a value under a name."""
        held = self._names.get(value)
        if held is None:
            self._names[value] = name
            return
        counts = {held: 1} if isinstance(held, bytes) else held
        before = len(counts)
        counts[name] = counts.get(name, 0) + 1
        self._names[value] = counts
        self.defaults += before == self._most < len(counts)

    def release(self, value: bytes, name: bytes) -> None:
        """Take back what `hold` counted."""
        held = self._names[value]
        if isinstance(held, bytes):
            del self._names[value]
            return
        held[name] -= 1
        if not held[name]:
            del held[name]
            self.defaults -= len(held) == self._most
        if not held:
            del self._names[value]

    def names(self, value: bytes) -> Mapping[bytes, int]:
        """Give how many hold a value under each name."""
        held = self._names.get(value)
        if held is None:
            return _NONE
        return {held: 1} if isinstance(held, bytes) else held

    def content(self) -> dict[bytes, dict[bytes, int]]:
        """Give all values with their names, for comparison."""
        return {value: dict(self.names(value)) for value in self._names}


class Index:
    """The blocks and values of a partition, and its records by number."""

    def __init__(self, limits: Limits) -> None:
        self.blocks = Blocks(limits.block_members)
        self.holders = Holders(limits.value_names)
        self._numbers: dict[str, int] = {}
        self._values: list[bytes] = []
        self._mentions_at = array("L")
        self._free: list[int] = []

    def number(self, record_key: str) -> int:
        """Give the number of a record, or the one that it would be given now."""
        found = self._numbers.get(record_key)
        if found is not None:
            return found
        return self._free[-1] if self._free else len(self._values)

    def value(self, number: int) -> bytes:
        """Give the message of a live record."""
        return self._values[number]

    def mentions_at(self, number: int) -> int:
        """Give where in a live record's message its mentions begin."""
        return self._mentions_at[number]

    def add(self, head: Head) -> None:
        """Take a bundle in whose record has none here."""
        number = self.number(head.record_key)
        self._numbers[head.record_key] = number
        if number == len(self._values):
            self._values.append(head.value)
            self._mentions_at.append(head.mentions_at)
        else:
            self._free.pop()
            self._values[number], self._mentions_at[number] = head.value, head.mentions_at
        enter, hold = self.blocks.enter, self.holders.hold
        for key, each in memberships(number, head):
            enter(key, each)
        for value, name in holdings(head):
            hold(value, name)

    def drop(self, head: Head) -> None:
        """Let a bundle go that was taken in."""
        number = self._numbers.pop(head.record_key)
        self._values[number] = b""
        self._free.append(number)
        for key, each in memberships(number, head):
            self.blocks.leave(key, each)
        for value, name in holdings(head):
            self.holders.release(value, name)

    def content(self) -> dict[str, object]:
        """Give everything by record key instead of number, for comparison with a rebuilt index."""
        keys = {number: key for key, number in self._numbers.items()}
        blocks = {
            key: frozenset((keys[number_of(each)], place_of(each)) for each in block)
            for key, block in self.blocks.content().items()
        }
        values = {key: self._values[number] for key, number in self._numbers.items()}
        return {"blocks": blocks, "holders": self.holders.content(), "values": values}


def is_default(names: Mapping[bytes, int], most: int) -> bool:
    """Tell whether a value is held under too many names."""
    return len(names) > most


def changed_names(
    names: Mapping[bytes, int], released: Iterable[bytes], held: Iterable[bytes]
) -> int:
    """Give how many names a value has once some are released and others hold it."""
    moves: dict[bytes, int] = {}
    for name in released:
        moves[name] = moves.get(name, 0) - 1
    for name in held:
        moves[name] = moves.get(name, 0) + 1
    found = len(names)
    for name, move in moves.items():
        count = names.get(name, 0)
        found += (count + move > 0) - (count > 0)
    return found
