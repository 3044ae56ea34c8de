"""A partition as it was before one record changed, and as it is after (pure).

Nothing is changed here: what a record leaves and enters is laid over the index, so that a message
that fails, or is handled elsewhere, leaves no trace.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final, NamedTuple, TypeVar

from streams.meet.digests import KINDS
from streams.meet.entries import Head
from streams.meet.index import (
    Index,
    changed_names,
    holdings,
    is_default,
    memberships,
    number_of,
)
from streams.resolution.limits import Limits

_K = TypeVar("_K")
_V = TypeVar("_V")

MembersOf = Callable[[bytes], Collection[int]]
"""Gives the members of a block, empty when it is not active."""
_NOBODY: Final[frozenset[int]] = frozenset()
_VALUE_PLACES: Final = frozenset(map(KINDS.index, ("phone", "email", "address")))

_make = tuple.__new__  # a NamedTuple's own constructor takes three times as long


class Touched(NamedTuple):
    """A block that a record is in or was in, with others.

    `others` are the members of other records; `entering` those of this record after the change.
    """

    others: Collection[int]
    entering: tuple[int, ...]
    was_active: bool
    is_active: bool
    was_suspended: bool
    is_suspended: bool


class Change:
    """One record's bundle in place of another, either of which may be missing."""

    def __init__(
        self, index: Index, number: int, old: Head | None, new: Head | None, limits: Limits
    ) -> None:
        self.number = number
        self._index = index
        self._limits = limits
        self._has_old = old is not None
        self.values = self._values(old, new)
        self.blocks = self._blocks(old, new)

    def _values(self, old: Head | None, new: Head | None) -> dict[bytes, tuple[bool, bool]]:
        """Give the values that may have flipped: whether each was a default value, and is."""
        held = _grouped(holdings(new)) if new is not None else {}
        released = _grouped(holdings(old)) if old is not None else {}
        names_of, most = self._index.holders.names, self._limits.value_names
        found = {}
        for value in released.keys() | held.keys() if released else held:
            names, joining = names_of(value), held.get(value, ())
            if len(names) + len(joining) > most:
                after = changed_names(names, released.get(value, ()), joining)
                found[value] = (is_default(names, most), after > most)
        return found

    def _blocks(self, old: Head | None, new: Head | None) -> dict[bytes, Touched]:
        """Give the blocks in which there are others; what a record does alone touches nobody."""
        number, found = self.number, dict[bytes, Touched]()
        members_of = self._index.blocks.members
        for key, each in memberships(number, new) if new is not None else ():
            members = members_of(key)
            if members:
                touched = found.get(key)
                entering = (each,) if touched is None else (*touched.entering, each)
                found[key] = self._touched(key, members, entering)
        for key, _ in memberships(number, old) if old is not None else ():
            if key not in found:
                found[key] = self._touched(key, members_of(key), ())
        return found

    def _touched(self, key: bytes, members: Collection[int], entering: tuple[int, ...]) -> Touched:
        most, others = self._limits.block_members, self._others(members)
        was_over, is_over = len(members) > most, len(others) + len(entering) > most
        was_default = is_default_now = False
        if key[0] in _VALUE_PLACES:
            was_default, is_default_now = self.values.get(key) or self._unchanged_value(key)
        was_active, is_active = not (was_over or was_default), not (is_over or is_default_now)
        return _make(Touched, (others, entering, was_active, is_active, was_over, is_over))

    def _others(self, members: Collection[int]) -> Collection[int]:
        if not self._has_old:
            return members
        return [each for each in members if number_of(each) != self.number]

    def _unchanged_value(self, key: bytes) -> tuple[bool, bool]:
        """Give what a value is and was that no other name holds now."""
        found = is_default(self._index.holders.names(key), self._limits.value_names)
        return found, found

    def own_before(self, key: bytes) -> Collection[int]:
        """Give whom the record met at a key before."""
        touched = self.blocks.get(key)
        return touched.others if touched is not None and touched.was_active else _NOBODY

    def own_after(self, key: bytes) -> Collection[int]:
        """Give whom the record meets at a key now."""
        touched = self.blocks.get(key)
        return touched.others if touched is not None and touched.is_active else _NOBODY

    def after(self, key: bytes) -> Collection[int]:
        """Give the members of a block as it is now."""
        touched = self.blocks.get(key)
        if touched is None:
            return self._unchanged(key)
        if not touched.is_active:
            return _NOBODY
        return [*touched.others, *touched.entering] if touched.entering else touched.others

    def was_active(self, key: bytes) -> bool:
        """Tell whether mentions met at a key before."""
        touched = self.blocks.get(key)
        return self._is_active(key) if touched is None else touched.was_active

    def is_active(self, key: bytes) -> bool:
        """Tell whether mentions meet at a key now."""
        touched = self.blocks.get(key)
        return self._is_active(key) if touched is None else touched.is_active

    def _unchanged(self, key: bytes) -> Collection[int]:
        return self._index.blocks.members(key) if self._is_active(key) else _NOBODY

    def _is_active(self, key: bytes) -> bool:
        index, limits = self._index, self._limits
        if len(index.blocks.members(key)) > limits.block_members:
            return False
        return key[0] not in _VALUE_PLACES or not is_default(
            index.holders.names(key), limits.value_names
        )

    def flipped_blocks(self) -> list[bytes]:
        """Give the keys at which other records' mentions began or ceased to meet, in order."""
        return sorted(key for key, each in self.blocks.items() if each.was_active != each.is_active)

    def flipped_values(self) -> list[tuple[bytes, bool]]:
        """Give the values that became default values or ceased to be, in order."""
        return sorted((v, after) for v, (before, after) in self.values.items() if before != after)


def _grouped(pairs: Iterable[tuple[_K, _V]] | None) -> dict[_K, list[_V]]:
    found: dict[_K, list[_V]] = {}
    for key, each in pairs or ():
        found.setdefault(key, []).append(each)
    return found
