"""Decides what one message of `relations.v1` leads to (pure but for the injected schema look-up).

Invariant: what was last said of a record's associations and identities follows from its state and
the time of the last tick. A message changes its own record's state, a tick only the time; what
expires by then is said by the tick and found again in both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from streams.associate import entries, pairing
from streams.associate.clocks import micros
from streams.associate.entries import Address, EntryReader
from streams.associate.expiries import Content, Expiries
from streams.associate.publish import IdentityWriter, UpdateWriter
from streams.associate.standing import Entities, entities_of, standings
from streams.associate.state import Pair, RecordState, decode
from streams.associate.support import check_relations
from streams.associate.updates import (
    Source,
    Update,
    by_tick,
    identities,
    known_identities,
    retraction,
    updates,
)
from streams.runtime.contract import KEEP, Handled, Input, Note, Output

ASSOCIATIONS: Final = "associations.v1"
DESIGNATIONS: Final = "designations.v1"
IDENTITIES: Final = "identities.v1"
CORRECTED: Final = "corrected"
_MILLISECOND: Final = 1000


class Writers(NamedTuple):
    """The writers of the topics; designations have the same values as other associations."""

    updates: UpdateWriter
    identities: IdentityWriter


class View(NamedTuple):
    """A matched pair, read."""

    record: dict[str, Any]
    identities: dict[str, Any]
    entities: Entities


class Associate:
    """One partition's machine: `handle`, and the index of what expires when.

    `designations` says whether designations of people as members of an organisation are taken.
    """

    def __init__(
        self, reader: EntryReader, writers: Writers, *, designations: bool = False
    ) -> None:
        self._reader = reader
        self._writers = writers
        self._designations = designations
        self._expiries = Expiries()

    state_key = staticmethod(entries.state_key)

    @property
    def index(self) -> Content:
        """Give what is derived from the values, for comparison with a rebuilt one."""
        return self._expiries.content

    def loaded(self, key: bytes, state: bytes) -> None:
        """Take a restored value into the index."""
        self.changed(key, None, state)

    def changed(self, key: bytes, _old: bytes | None, new: bytes | None) -> None:
        """Follow a change of a record, or of the time."""
        if not key.startswith(entries.TICK):
            self._expiries.follow(key, new)
        elif new is not None:
            self._expiries.advance(int(new))

    def handle(self, message: Input, state: bytes | None) -> Handled:
        """Decide what a message leads to, given what is known of its record."""
        if message.value is None:
            return self._tombstone(message, decode(state))
        if entries.state_key(message).startswith(entries.TICK):
            return self._tick(message, message.value)
        address = entries.address_of(message)
        name, said = self._reader.side(address, message.value)
        known, version = decode(state), said["version"]
        if pairing.is_superseded(known, address.side, version):
            return Handled(outcome="superseded")
        taken, gone = self._take(known, address, name, said, message.value)
        now = max(known.seen_at, message.timestamp_ms * _MILLISECOND)
        source = Source(address.record_key, version)
        return self._said(message, source, known, taken._replace(seen_at=now), gone)

    def _take(
        self, known: RecordState, address: Address, name: str, said: dict[str, Any], value: bytes
    ) -> tuple[RecordState, str]:
        """Give the state with a message taken in, and the reason for what is gone with it."""
        version = said["version"]
        if name == entries.SAYS_REMOVED:
            return pairing.take_removal(known, address.side, version), said["reason"]
        if name == entries.SAYS_IDENTITIES:
            return pairing.take_identities(known, version, value), CORRECTED
        check_relations(said, designations=self._designations)
        return pairing.take_relations(known, version, value), CORRECTED

    def _said(
        self, message: Input, source: Source, known: RecordState, taken: RecordState, gone: str
    ) -> Handled:
        """Give the new state, and what is new for those who read the topics."""
        if taken.matched == known.matched:
            waits = taken.matched is None or source.version > taken.matched.version
            return Handled(state=taken.encode(), outcome="waiting" if waits else "unchanged")
        before, after = self._view(known.matched), self._view(taken.matched)
        now = max(self._expiries.now, taken.seen_at)
        found = standings(*after, now) if after is not None else []
        so_far = {name: by_tick(each, self._expiries.now) for name, each in known.said.items()}
        said, new = updates(self._writers.updates, source, so_far, found, gone)
        was, now_known = _known(before), _known(after)
        changed = list(identities(source, was, now_known, gone))
        live = [each for each in changed if each["entity_id"] is not None]
        left = [each for each in changed if each["entity_id"] is None]
        leave = self._identity if after is None else self._dropped
        outputs = [
            *(self._identity(each, message.partition) for each in live),
            *(self._update(each, message.partition) for each in new),
            *(leave(each, message.partition) for each in left),
        ]
        notes = [Note("association", (each.status, each.reason)) for each in new]
        marked = {*known.marked, *(each["mention_id"] for each in left if after is None)}
        marked -= {each["mention_id"] for each in live}
        state = taken._replace(said=said, marked=tuple(sorted(marked))).encode()
        outcome = "removed" if taken.matched is None else "matched"
        return Handled(state=state, outputs=outputs, outcome=outcome, notes=notes)

    def _tombstone(self, message: Input, known: RecordState) -> Handled:
        """Let the markers of a removed record's mentions go: their keys hold its local ids.

        Its owner erases a marker once everybody has read the removal.
        """
        if known.matched is not None or not known.marked:
            return Handled(outcome="tombstone")
        at = message.partition
        outputs = [Output(IDENTITIES, each.encode(), None, at) for each in known.marked]
        state = known._replace(marked=()).encode()
        return Handled(state=state, outputs=outputs, outcome="tombstone")

    def _view(self, pair: Pair | None) -> View | None:
        if pair is None:
            return None
        _, record = self._reader.read(pair.relations)
        _, resolved = self._reader.read(pair.identities)
        return View(record, resolved, entities_of(record, resolved))

    def _tick(self, message: Input, value: bytes) -> Handled:
        """Take back what has expired, and let the time be that of the tick."""
        name, said = self._reader.read(value)
        assert name == entries.SAYS_TIME, "the key of a tick holds something else"
        now = micros(said["at"])
        if now <= self._expiries.now:
            return Handled(state=KEEP, outcome="tick_ignored")
        new = list(self._expired(now))
        key, partition = message.key or b"", message.partition
        # An idle partition closes its segment only on a write, and erasure waits for that.
        ticks = [Output(topic, key, None, partition) for topic in self._topics()]
        outputs = [*(self._update(each, partition) for each in new), *ticks]
        notes = [Note("association", (each.status, each.reason)) for each in new]
        return Handled(state=b"%d" % now, outputs=outputs, outcome="tick", notes=notes)

    def _expired(self, now: int) -> Iterator[Update]:
        for key, due in self._expiries.due(now):
            source = Source(key.decode(), due.version)
            yield retraction(
                self._writers.updates, source, due.association_id, due.sequence + 1,
                "expired", sensitive=due.sensitive,
            )  # fmt: skip

    def _topics(self) -> tuple[str, ...]:
        plain = (IDENTITIES, ASSOCIATIONS)
        return (*plain, DESIGNATIONS) if self._designations else plain

    def _update(self, update: Update, partition: int) -> Output:
        topic = DESIGNATIONS if update.sensitive else ASSOCIATIONS
        return Output(topic, update.association_id.encode(), update.value, partition)

    def _identity(self, identity: dict[str, Any], partition: int) -> Output:
        key = identity["mention_id"].encode()
        return Output(IDENTITIES, key, self._writers.identities.write(identity), partition)

    @staticmethod
    def _dropped(identity: dict[str, Any], partition: int) -> Output:
        """Let a mention go that its record no longer has: a marker would keep its local id."""
        return Output(IDENTITIES, identity["mention_id"].encode(), None, partition)


def _known(view: View | None) -> dict[str, Any]:
    return known_identities(None if view is None else view.entities)
