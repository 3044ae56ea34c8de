"""Decides what one message of `verdicts.v1` leads to (pure but for the injected schema look-up).

Invariant: what was last said of a record's identities follows from the values alone. A message
changes its own key's value, which is the message itself; everything else is derived.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from streams.identify import entries
from streams.identify.deciding import Deciding, Decision
from streams.identify.entries import EntryReader
from streams.identify.judged import decided, micros
from streams.identify.lists import Spoken, Standing, with_told
from streams.identify.publish import IdentitiesWriter
from streams.resolution.judgements import Pair
from streams.resolution.limits import LIMITS, Limits
from streams.resolution.verdicts import Judge
from streams.runtime.contract import Handled, Input, Note, own_key

_MOST_LOADED: Final = 300_000
"""Records held in full, some 0.9 GB; beyond, those that nobody asked for longest go."""
_NOTHING: Final = Decision()


class _Pending(NamedTuple):
    """A change that `handle` made and nobody has confirmed, and the way back from it."""

    key: bytes
    value: bytes
    undo: Callable[[], None]


class Identify:
    """The machine of the one partition: `handle`, and everything that follows from the values.

    `handle` makes its change to see what comes of it. `changed` confirms that; what it never
    confirmed is taken back before anything else is looked at.
    """

    state_key = staticmethod(own_key)

    def __init__(
        self,
        reader: EntryReader,
        writer: IdentitiesWriter,
        judges: Mapping[str, Judge],
        limits: Limits = LIMITS,
        most_loaded: int = _MOST_LOADED,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._most_loaded = most_loaded
        self._deciding = Deciding(reader.evidence, judges, limits)
        self._ticks: dict[bytes, int] = {}
        self._pending: _Pending | None = None

    @property
    def index(self) -> tuple[Any, ...]:
        """Give what is derived from the values, for comparison with what is derived anew."""
        self._take_back()
        known = self._deciding
        return known.lists.content(), known.judged.content(), set(known.held.defaults)

    @property
    def judgements(self) -> int:
        """Count the judgements that are in force."""
        return self._deciding.judged.count

    # ------------------------------------------------------------------ the runtime's questions
    def loaded(self, key: bytes, state: bytes) -> None:
        """Take a restored value in."""
        self._know(key, state)

    def changed(self, key: bytes, _old: bytes | None, new: bytes | None) -> None:
        """Confirm what `handle` did, or follow what was done elsewhere."""
        pending = self._pending
        if pending is not None and pending.key == key and pending.value == new:
            self._pending = None
            return
        self._take_back()
        if new is not None:
            self._know(key, new)

    def handle(self, message: Input, _state: bytes | None) -> Handled:
        """Decide what a message leads to."""
        self._take_back()
        if message.value is None:
            return Handled(outcome="tombstone")  # its owner's, once everybody has read the removal
        self._deciding.keep_at_most(self._most_loaded)
        key, value = message.key or b"", self._reader.canonical(message.value)
        name = self._reader.name(value)
        if name == entries.SAYS_TIME:
            return self._time(key, value)
        if name == entries.SAYS_DEFAULT:
            return self._default(key, value)
        if name == entries.SAYS_JUDGEMENT:
            return self._judgement(key, value)
        return self._record(key, value)

    def _take_back(self) -> None:
        if self._pending is not None:
            self._pending.undo()
            self._pending = None

    # ------------------------------------------------------------------ what a message leads to
    def _record(self, key: bytes, value: bytes) -> Handled:
        known, new = self._deciding, self._reader.told(key, value)
        if new.value is not None:
            self._reader.evidence(value)  # what cannot be read is refused before anything changes
        before = known.lists.of(new.record_key)
        earlier = before.of(new.meeting_partition)
        if earlier is not None and earlier.version > new.version:
            return Handled(outcome="superseded", notes=[Note("dropped", ("superseded",))])
        self._await(key, value, lambda: known.put(new.record_key, before))
        decision = known.tell(new)
        after = known.lists.of(new.record_key)
        return self._handled(value, decision, _outcome(after, decision), self._oddities(after))

    def _oddities(self, spoken: Spoken) -> Iterator[Note]:
        """Give what meet never says: a live record without its mentions, a pair of no mention."""
        if spoken.is_live:
            said = [self._reader.evidence(value) for value in spoken.values]
            known = next((list_.members for list_ in said if list_.members is not None), None)
            if known is None:
                yield Note("dropped", ("no_mentions",))
                return
            pairs = (each.ends for list_ in said for each in list_.pairs)
            if any(a not in known and b not in known for a, b in pairs):
                yield Note("dropped", ("unknown_mention",))

    def _default(self, key: bytes, value: bytes) -> Handled:
        known, (text, is_default) = self._deciding, self._reader.fields(key, value)
        was = text in known.held.defaults
        if was == is_default:
            return Handled(state=value, outcome="unchanged")
        self._await(key, value, lambda: known.put_default(text, is_default=was))
        decision = known.turn(text, is_default=is_default)
        return self._handled(value, decision, "default")

    def _judgement(self, key: bytes, value: bytes) -> Handled:
        known, said = self._deciding, self._reader.fields(key, value)
        ends: Pair = (said[0], said[1])
        was = known.judged.get(ends)
        self._await(key, value, lambda: known.put_judgement(ends, was))
        return self._handled(value, known.judge(ends, decided(said)), "judgement")

    def _time(self, key: bytes, value: bytes) -> Handled:
        known, now = self._deciding, micros(self._reader.fields(key, value)[0])
        was, before = known.judged.now, self._ticks.get(key, 0)
        if now <= before:
            return Handled(outcome="tick_ignored")

        def undo() -> None:
            self._ticks[key] = before
            known.put_time(was)

        self._await(key, value, undo)
        self._ticks[key] = now
        decision = known.advance(now) if now > was else _NOTHING
        return self._handled(value, decision, "tick")

    def _await(self, key: bytes, value: bytes, undo: Callable[[], None]) -> None:
        """Remember the way back before anything changes, for any part of a change may fail."""
        self._pending = _Pending(key, value, undo)

    def _handled(
        self, value: bytes, decision: Decision, outcome: str, more: Iterable[Note] = ()
    ) -> Handled:
        outputs = [self._writer.output(each) for each in decision.said]
        return Handled(value, outputs, outcome=outcome, notes=[*_notes(decision), *more])

    # ------------------------------------------------------------------ what values mean
    def _know(self, key: bytes, value: bytes) -> None:
        """Take a value in without asking what follows."""
        known, value = self._deciding, self._reader.canonical(value)
        name = self._reader.name(value)
        if name in (entries.SAYS_EVIDENCE, entries.SAYS_REMOVED):
            new = self._reader.told(key, value)
            known.put(new.record_key, with_told(known.lists.of(new.record_key), new))
            return
        said = self._reader.fields(key, value)
        if name == entries.SAYS_TIME:
            self._ticks[key] = micros(said[0])
            known.put_time(max(self._ticks.values()))
        elif name == entries.SAYS_DEFAULT:
            known.put_default(said[0], is_default=said[1])
        else:
            known.put_judgement((said[0], said[1]), decided(said))


def _outcome(after: Spoken, decision: Decision) -> str:
    if after.standing is Standing.WAITING:
        return "waiting"
    if after.standing is Standing.GONE:
        return "removed"
    return "identified" if decision.said else "unchanged"


def _notes(decision: Decision) -> Iterator[Note]:
    """Give what to count of a decision; each note counts one."""
    for name, count in (("merged", decision.merged), ("split", decision.split)):
        yield from (Note("entity", (name,)) for _ in range(count))
    yield from (Note("lead") for _ in range(decision.leads))
    yield from (Note("alarm", (name,)) for name in decision.alarms)
    yield from (Note("calmed", (name,)) for name in decision.calmed)
