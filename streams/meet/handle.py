"""Decides what one message of `meetings.v1` leads to (pure but for the injected schema look-up).

Invariant: the state of a record is its bundle here, and what was last said of any record follows
from the bundles alone: a published list names only records that are live, meet its record now and
are worth keeping with it now. Whose list no longer would is said again: those whom a record left,
and those whose block, or value, flipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

from recordbus.errors import Rejected
from schemas.types import EvidenceRemoved, RecordEvidence
from streams.meet.change import Change
from streams.meet.digests import text_of
from streams.meet.entries import EntryReader, Head, Removed
from streams.meet.index import Index
from streams.meet.lists import Pair, courts, meetings, own_courts, pairs, record_evidence
from streams.meet.publish import VerdictWriter
from streams.meet.restating import left_behind, parted_by_flips, unlinked
from streams.meet.shelf import Scene, Shelf
from streams.meet.worth import Comparer
from streams.resolution.limits import LIMITS, Limits
from streams.resolution.mentions import Mention
from streams.runtime.contract import Handled, Input, Note, Output

VERDICTS: Final = "verdicts.v1"
TICK: Final = b"tick/"
MOST_LIST_BYTES: Final = 800_000
"""The largest list that is written: below what the runtime writes."""
_REMEMBERED: Final = 8
_VERDICTS_PARTITION: Final = 0


class Meet:
    """One partition's machine: `handle`, and the index of who meets whom."""

    def __init__(
        self,
        reader: EntryReader,
        writer: VerdictWriter,
        comparer: Comparer,
        limits: Limits = LIMITS,
        most_bytes: int = MOST_LIST_BYTES,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._comparer = comparer
        self._limits = limits
        self._most_bytes = most_bytes
        self._index = Index(limits)
        self._shelf = Shelf(reader, self._index)
        self._latest: tuple[Head | None, tuple[Mention, ...]] = (None, ())
        self._read = _reading(reader)

    def state_key(self, message: Input) -> bytes:
        """Name the state a message may change: its record's, or the partition's time."""
        return message.key or b""

    @property
    def index(self) -> dict[str, object]:
        """Give what is derived from the values, for comparison with a rebuilt one."""
        return self._index.content()

    @property
    def suspended_blocks(self) -> int:
        """Count the blocks that are past their limit, where nobody meets."""
        return self._index.blocks.suspended

    @property
    def default_values(self) -> int:
        """Count the values that are held under too many names, by which nobody meets."""
        return self._index.holders.defaults

    def loaded(self, key: bytes, state: bytes) -> None:
        """Take a restored value into the index."""
        self.changed(key, None, state)

    def changed(self, key: bytes, old: bytes | None, new: bytes | None) -> None:
        """Follow a change of a record's bundle."""
        if key.startswith(TICK):
            return
        before = None if old is None else self._read(old)
        after = None if new is None else self._read(new)
        if isinstance(before, Head):
            self._shelf.forget(self._index.number(before.record_key))
            self._index.drop(before)
        if isinstance(after, Head):
            self._index.add(after)
            if after is self._latest[0]:
                self._shelf.put(self._index.number(after.record_key), self._latest[1])

    def handle(self, message: Input, state: bytes | None) -> Handled:
        """Decide what a message leads to, given what is known of its record here."""
        key = message.key or b""
        if key.startswith(TICK):
            # An idle partition closes its segment only on a write, and erasure waits for that.
            return Handled(state=b"%d" % message.timestamp_ms, outcome="tick")
        if message.value is None:
            return Handled(outcome="tombstone")  # its owner's, once everybody has read the removal
        said = self._read(message.value)
        if said.record_key.encode() != key:
            raise Rejected("key_mismatch", "the key is that of another record")
        known = None if state is None else self._read(state)
        if known is not None and said.version < known.version:
            return Handled(outcome="superseded")
        old = known if isinstance(known, Head) else None
        return self._said(message, message.value, old, said)

    def _said(
        self, message: Input, value: bytes, old: Head | None, said: Head | Removed
    ) -> Handled:
        """Give the new state, the record's list, and what else must be said again."""
        new = said if isinstance(said, Head) else None
        number = self._index.number(said.record_key)
        change = Change(self._index, number, old, new, self._limits)
        mentions = self._reader.mentions(new) if new is not None else ()
        self._latest = (new, mentions)
        scene = Scene(self._shelf, number, new, mentions)
        own, left = self._own(scene, change, old, new)
        flipped = parted_by_flips(scene, self._comparer, change) - left
        again = [self._list(scene, change, each) for each in left | flipped]
        again.sort(key=lambda each: each["record_key"])
        lists = again if own is None else [own, *again]
        notes = [*_restated("left", len(left)), *_restated("flipped", len(flipped))]
        outputs = [self._output(each, message.partition, notes) for each in lists]
        if isinstance(said, Removed):
            outputs.insert(0, self._removed(said, message.partition))
        outputs += self._default_values(change)
        outcome = "met" if new is not None else "removed"
        return Handled(value, outputs, outcome=outcome, notes=[*notes, *_flips(change)])

    def _own(
        self, scene: Scene, change: Change, old: Head | None, new: Head | None
    ) -> tuple[RecordEvidence | None, set[int]]:
        """Give the record's own list, and those whose lists it must not be in any more."""
        number, comparer = change.number, self._comparer
        after, kept, links = [], list[Pair](), []
        if new is not None:
            after = list(meetings(number, new, scene.mentions(number), change.own_after))
            kept = [pair for meeting in after for pair in pairs(scene, comparer, meeting)]
            links = courts(scene, number, new, change.own_after)
        left: set[int] = set()
        if old is not None:
            was = self._shelf.mentions(number)
            before = list(meetings(number, old, was, change.own_before))
            left = left_behind(scene, comparer, before, after, kept)
            left |= unlinked(number, courts(scene, number, old, change.own_before), links)
        if new is None:
            return None, left
        links += own_courts(number, new)
        return record_evidence(scene, self._reader, number, kept, links), left

    def _list(self, scene: Scene, change: Change, number: int) -> RecordEvidence:
        """Give another record's list as it is now."""
        head, members_of = scene.head(number), change.after
        met = meetings(number, head, scene.mentions(number), members_of)
        kept = [pair for meeting in met for pair in pairs(scene, self._comparer, meeting)]
        links = courts(scene, number, head, members_of) + own_courts(number, head)
        return record_evidence(scene, self._reader, number, kept, links)

    def _output(self, said: RecordEvidence, partition: int, notes: list[Note]) -> Output:
        """Give a list as it is written, without its pairs when it would be too large to be.

        Others may still name it. To refuse it would be to refuse what made it be said, which may
        be somebody's removal.
        """
        value = self._writer.evidence(said)
        if len(value) > self._most_bytes:
            value = self._writer.evidence({**said, "pairs": []})
            notes.append(Note("oversize"))
        return self._entry(said["record_key"], partition, value)

    def _removed(self, said: Removed, partition: int) -> Output:
        removed: EvidenceRemoved = {
            "record_key": said.record_key,
            "version": said.version,
            "home_partition": said.home_partition,
            "parts": said.parts,
            "reason": said.reason,
        }
        return self._entry(said.record_key, partition, self._writer.removed(removed))

    def _entry(self, record_key: str, partition: int, value: bytes) -> Output:
        key = f"{record_key}/{partition}".encode()
        return Output(VERDICTS, key, value, _VERDICTS_PARTITION)

    def _default_values(self, change: Change) -> Iterator[Output]:
        for packed, is_default in change.flipped_values():
            text = text_of(packed)
            value = self._writer.default_value(text, is_default=is_default)
            yield Output(VERDICTS, f"value/{text}".encode(), value, _VERDICTS_PARTITION)


def _reading(reader: EntryReader) -> Callable[[bytes], Head | Removed]:
    """Give what reads an entry, and remembers the latest; it does not know the machine."""

    @lru_cache(maxsize=_REMEMBERED)
    def read(value: bytes) -> Head | Removed:
        return reader.read(reader.canonical(value))

    return read


def _restated(why: str, count: int) -> Iterator[Note]:
    for _ in range(count):
        yield Note("restated", (why,))


def _flips(change: Change) -> Iterator[Note]:
    for each in change.blocks.values():
        if each.was_suspended != each.is_suspended:
            yield Note("block", ("suspended" if each.is_suspended else "resumed",))
    for _, is_default in change.flipped_values():
        yield Note("value", ("default" if is_default else "telling",))
