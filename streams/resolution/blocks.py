"""Which mentions meet: blocks of meeting keys, and values that turned out to be defaults (pure).

A block that grows past its limit is suspended, never truncated.
Suspension and default values follow from what is held now alone, so they pass when it shrinks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final, NamedTuple

from streams.resolution.keys import NO_KEYS, Keys, active
from streams.resolution.limits import Limits

_NOBODY: Final[frozenset[str]] = frozenset()


class Flips(NamedTuple):
    """What a change did to others: mentions whose keys changed, and blocks that flipped."""

    mentions: set[str]
    suspended: set[str]
    resumed: set[str]


class Values:
    """Who holds each value that many may hold, and which of them are default values."""

    def __init__(self, most_names: int) -> None:
        self._most_names = most_names
        self._names: dict[str, dict[str, int]] = {}
        self._holders: dict[str, set[str]] = {}
        self.defaults: set[str] = set()

    def hold(self, mention_id: str, name: str, values: Iterable[str]) -> None:
        """Count a mention as a holder of values, under its name."""
        for value in values:
            self._holders.setdefault(value, set()).add(mention_id)
            if name:
                names = self._names.setdefault(value, {})
                names[name] = names.get(name, 0) + 1

    def release(self, mention_id: str, name: str, values: Iterable[str]) -> None:
        """Take back what `hold` counted."""
        for value in values:
            _discard(self._holders, value, mention_id)
            if name:
                names = self._names[value]
                names[name] -= 1
                if not names[name]:
                    del names[name]
                if not names:
                    del self._names[value]

    def flipped(self, values: Iterable[str]) -> list[str]:
        """Bring the default values up to date for these values; gives those that changed."""
        changed = []
        for value in values:
            is_default = len(self._names.get(value, ())) > self._most_names
            if is_default != (value in self.defaults):
                (self.defaults.add if is_default else self.defaults.discard)(value)
                changed.append(value)
        return changed

    def holders(self, value: str) -> Collection[str]:
        """Give the mentions that hold a value."""
        return self._holders.get(value, _NOBODY)

    def is_empty(self) -> bool:
        """Tell whether nothing is held."""
        return not (self._names or self._holders or self.defaults)


class Blocks:
    """The blocks of active keys.

    Most keys have one member only; those are kept as plain text, for millions of sets of one would
    cost more memory, and more of the garbage collector's time, than all else.
    """

    def __init__(self, most_members: int) -> None:
        self._most_members = most_members
        self._alone: dict[str, str] = {}
        self._members: dict[str, set[str]] = {}
        self._keys: dict[str, frozenset[str]] = {}
        self.suspended: set[str] = set()

    def place(self, mention_id: str, keys: frozenset[str]) -> set[str]:
        """Give a mention these keys and no others; gives those whose blocks crossed the limit."""
        before = self._keys.get(mention_id, _NOBODY)
        crossed = {key for key in before - keys if self._leave(key, mention_id)}
        crossed |= self._enter(keys - before, mention_id)
        if keys:
            self._keys[mention_id] = keys
        else:
            self._keys.pop(mention_id, None)
        return crossed

    def _enter(self, keys: frozenset[str], mention_id: str) -> set[str]:
        alone, blocks = self._alone, self._members
        crossed = set()
        for key in keys:
            if key in blocks:
                blocks[key].add(mention_id)
            elif key in alone:
                blocks[key] = {alone.pop(key), mention_id}
            else:
                alone[key] = mention_id
                continue
            if len(blocks[key]) == self._most_members + 1:
                crossed.add(key)
        return crossed

    def _leave(self, key: str, mention_id: str) -> bool:
        """Take a mention out of a block; tells whether the block is back at its limit."""
        if self._alone.pop(key, None) is not None:
            return False
        members = self._members[key]
        members.discard(mention_id)
        if len(members) == 1:
            self._alone[key] = members.pop()
            del self._members[key]
            return self._most_members == 1
        return len(members) == self._most_members

    def flip(self, touched: Iterable[str], flips: Flips) -> None:
        """Bring suspensions up to date for the keys whose blocks crossed the limit."""
        for key in touched:
            is_over = len(self._members.get(key, ())) > self._most_members
            if is_over != (key in self.suspended):
                (flips.suspended if is_over else flips.resumed).add(key)
                (self.suspended.add if is_over else self.suspended.discard)(key)

    def members(self, key: str) -> Collection[str]:
        """Give the members of a block of several."""
        return self._members.get(key, _NOBODY)

    def partners(self, mention_id: str) -> set[str]:
        """Give every mention that this one meets in a block that is not suspended."""
        keys = self._keys.get(mention_id, _NOBODY)
        if self.suspended:
            keys = keys - self.suspended
        blocks = self._members
        found: set[str] = set().union(*[blocks[key] for key in keys if key in blocks])
        found.discard(mention_id)
        return found

    def met(self, a: str, b: str) -> frozenset[str]:
        """Give the keys at which two mentions meet."""
        return (self._keys.get(a, _NOBODY) & self._keys.get(b, _NOBODY)) - self.suspended

    def do_meet(self, a: str, b: str) -> bool:
        """Tell whether two mentions meet anywhere."""
        return not (self._keys.get(a, _NOBODY) & self._keys.get(b, _NOBODY)) <= self.suspended

    def is_empty(self) -> bool:
        """Tell whether no block has a member."""
        return not (self._alone or self._members or self._keys or self.suspended)


class Meeting:
    """Keeps values and blocks in step: what a mention holds decides which keys others have."""

    def __init__(self, limits: Limits) -> None:
        self.values = Values(limits.value_names)
        self.blocks = Blocks(limits.block_members)
        self._keys: dict[str, Keys] = {}
        self._held: dict[str, tuple[str, tuple[str, ...]]] = {}

    def change(self, mention_id: str, keys: Keys, name: str, values: tuple[str, ...]) -> Flips:
        """Give a mention these keys and values instead of those it had; none removes it."""
        flips = Flips(set(), set(), set())
        old_name, old_values = self._held.pop(mention_id, ("", ()))
        self.values.release(mention_id, old_name, old_values)
        self.values.hold(mention_id, name, values)
        self._keys.pop(mention_id, None)
        if keys != NO_KEYS or values:
            self._keys[mention_id], self._held[mention_id] = keys, (name, values)
        changed = self.values.flipped({*old_values, *values})
        touched = self.blocks.place(mention_id, active(keys, self.values.defaults))
        for other in _all_holders(self.values, changed):
            flips.mentions.add(other)
            touched |= self.blocks.place(other, active(self._keys[other], self.values.defaults))
        flips.mentions.discard(mention_id)
        self.blocks.flip(touched, flips)
        return flips

    def is_empty(self) -> bool:
        """Tell whether nothing of any mention is left."""
        return not (self._keys or self._held) and self.values.is_empty() and self.blocks.is_empty()


def _all_holders(values: Values, changed: Iterable[str]) -> Iterator[str]:
    for value in changed:
        yield from values.holders(value)


def _discard(index: dict[str, set[str]], key: str, mention_id: str) -> None:
    """Take a mention out of an index, and the entry with it when it is empty."""
    members = index[key]
    members.discard(mention_id)
    if not members:
        del index[key]
