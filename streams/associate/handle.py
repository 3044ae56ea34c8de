"""Decides what one message of `relations.v1` leads to (pure but for the injected schema look-up).

Invariant: what was last said of a record's associations and identities follows from its state and
the time of the last tick. A message changes its own record's state, a tick only the time; what
expires by then is said by the tick and found again in both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final, NamedTuple

from streams.associate import carrying, entries, pairing
from streams.associate.clocks import micros
from streams.associate.entries import EntryReader
from streams.associate.expiries import Content, Expiries
from streams.associate.publish import IdentityWriter, Source, UpdateWriter, source_of
from streams.associate.sides import Identities, Known, Relations, Removed, Tick
from streams.associate.standing import View, standings, view_of
from streams.associate.state import Pair, RecordState, Said, decode
from streams.associate.support import check_relations
from streams.associate.updates import Change, Update, by_tick, identities, retraction, updates
from streams.runtime.contract import KEEP, Handled, Input, Note, Output

ASSOCIATIONS: Final = "associations.v1"
DESIGNATIONS: Final = "designations.v1"
IDENTITIES: Final = "identities.v1"
CORRECTED: Final = "corrected"
_MILLISECOND: Final = 1000
_NOBODY: Final[Mapping[str, Known]] = {}

_make = tuple.__new__  # a NamedTuple's own constructor takes three times as long


class Writers(NamedTuple):
    """The writers of the topics; designations have the same values as other associations."""

    updates: UpdateWriter
    identities: IdentityWriter


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
        value = message.value
        if value is None:
            return self._tombstone(message, decode(state))
        address = entries.address_of(message)
        if address is None:
            return self._tick(message, value)
        side = self._reader.side(address, value)
        known = decode(state)
        if pairing.is_superseded(known, address.side, side.version):
            return Handled(outcome="superseded")
        seen_at = max(known.seen_at, message.timestamp_ms * _MILLISECOND)
        taken, gone = self._take(known, address.side, side, value)
        source = source_of(address.record_key, side.version)
        return self._said(message, source, known, taken._replace(seen_at=seen_at), gone)

    def _take(
        self, known: RecordState, name: str, side: Relations | Identities | Removed, value: bytes
    ) -> tuple[RecordState, str]:
        """Give the state with a message taken in, and the reason for what is gone with it."""
        if isinstance(side, Removed):
            return pairing.take_removal(known, name, side.version), side.reason
        if isinstance(side, Identities):
            return pairing.take_identities(known, side.version, value), CORRECTED
        check_relations(side, designations=self._designations)
        return pairing.take_relations(known, side.version, value), CORRECTED

    def _said(
        self, message: Input, source: Source, known: RecordState, taken: RecordState, gone: str
    ) -> Handled:
        """Give the new state, and what is new for those who read the topics."""
        if taken.matched == known.matched:
            waits = taken.matched is None or source.version > taken.matched.version
            return Handled(state=taken.encode(), outcome="waiting" if waits else "unchanged")
        before = self._view(known.matched, None)
        after = self._view(taken.matched, before)
        said, new = self._associations(source, known, taken, (before, after), gone)
        was = _NOBODY if before is None else before.entities
        now_known = _NOBODY if after is None else after.entities
        changed = list(identities(source.record_key, was, now_known))
        live = [each for each in changed if each.known is not None]
        left = changed[len(live) :]  # those that are gone come last
        outputs = [self._identity(each, source, None, message.partition) for each in live]
        outputs += [self._update(each, message.partition) for each in new]
        if after is None:
            outputs += [self._identity(each, source, gone, message.partition) for each in left]
        else:
            outputs += [_dropped(each, message.partition) for each in left]
        marked = known.marked
        if marked or after is None:
            names = {*marked, *(each.mention_id for each in left if after is None)}
            marked = tuple(sorted(names.difference(each.mention_id for each in live)))
        state = RecordState(*taken[:3], said, taken.seen_at, marked).encode()
        outcome = "removed" if taken.matched is None else "matched"
        return Handled(state=state, outputs=outputs, outcome=outcome, notes=_notes(new))

    def _associations(
        self, source: Source, known: RecordState, taken: RecordState,
        views: tuple[View | None, View | None], gone: str,
    ) -> tuple[dict[str, Said], list[Update]]:  # fmt: skip
        """Give what is now said of a record's associations, and what is new about them."""
        before, after = views
        now = max(self._expiries.now, taken.seen_at)
        so_far = {name: by_tick(each, self._expiries.now) for name, each in known.said.items()}
        writer = self._writers.updates
        if after is None:
            return updates(writer, source, so_far, (), gone)
        relations, settled = after.record.relations, frozenset[str]()
        if before is not None and before.record is after.record:
            relations = carrying.unsettled(before, after, so_far, now)
            settled = frozenset(so_far).difference(each.relation_id for each in relations)
        contents = writer.contents(after.record, after.entities)
        found = standings(after, relations, contents, now)
        return updates(writer, source, so_far, found, gone, settled)

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

    def _view(self, pair: Pair | None, before: View | None) -> View | None:
        """Read a matched pair; with the same relations as `before` its record is that one."""
        if pair is None:
            return None
        record = self._reader.part(Relations, pair.relations)
        if before is not None and record == before.record:
            record = before.record
        return view_of(record, self._reader.part(Identities, pair.identities))

    def _tick(self, message: Input, value: bytes) -> Handled:
        """Take back what has expired, and let the time be that of the tick."""
        said = self._reader.read(value)
        assert isinstance(said, Tick), "the key of a tick holds something else"
        now = micros(said.at)
        if now <= self._expiries.now:
            return Handled(state=KEEP, outcome="tick_ignored")
        new = list(self._expired(now))
        key, partition = message.key or b"", message.partition
        # An idle partition closes its segment only on a write, and erasure waits for that.
        ticks = [Output(topic, key, None, partition) for topic in self._topics()]
        outputs = [*(self._update(each, partition) for each in new), *ticks]
        return Handled(state=b"%d" % now, outputs=outputs, outcome="tick", notes=_notes(new))

    def _expired(self, now: int) -> Iterator[Update]:
        for key, due in self._expiries.due(now):
            source = source_of(key.decode(), due.version)
            yield retraction(
                self._writers.updates, source, due.association_id, due.sequence + 1,
                "expired", sensitive=due.sensitive,
            )  # fmt: skip

    def _topics(self) -> tuple[str, ...]:
        plain = (IDENTITIES, ASSOCIATIONS)
        return (*plain, DESIGNATIONS) if self._designations else plain

    def _update(self, update: Update, partition: int) -> Output:
        name, _, _, value, sensitive = update
        topic = DESIGNATIONS if sensitive else ASSOCIATIONS
        return _make(Output, (topic, name.encode(), value, partition))

    def _identity(
        self, change: Change, source: Source, reason: str | None, partition: int
    ) -> Output:
        """Give an identity, or with a reason the marker of one that is gone."""
        mention_id, was, known = change
        said = known or was
        assert said is not None
        value = self._writers.identities.write(source, mention_id, said, change.previous, reason)
        return _make(Output, (IDENTITIES, mention_id.encode(), value, partition))


def _dropped(change: Change, partition: int) -> Output:
    """Let a mention go that its record no longer has: a marker would keep its local id."""
    return Output(IDENTITIES, change.mention_id.encode(), None, partition)


def _notes(new: list[Update]) -> list[Note]:
    return [_note(each.status, each.reason) for each in new]


@cache
def _note(status: str, reason: str) -> Note:
    return Note("association", (status, reason))
