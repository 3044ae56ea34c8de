"""Takes messages into what is known, and finds whose identities have to be said anew (pure).

Invariant: what was last said of a record follows from what is known alone. So it is computed once
before a change and once after it, of what the change can touch; no result is ever kept as state.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, NamedTuple

from streams.identify.counting import Counting
from streams.identify.entries import Evidenced, Told, record_of
from streams.identify.forming import Resolved
from streams.identify.groups import Groups
from streams.identify.held import Held
from streams.identify.judged import Decided, Judged
from streams.identify.lists import Lists, Spoken, Standing, with_told
from streams.identify.moves import Move, Moves
from streams.identify.reaching import Courts, Reaching
from streams.identify.remains import Remains
from streams.resolution.judgements import Pair
from streams.resolution.limits import LIMITS, Limits
from streams.resolution.verdicts import Judge

_MOST_LET_GO: Final = 50
_MOST_FREED: Final = 1000


class Identified(NamedTuple):
    """Who a live record's mentions are, in their order, and which decisions reach its people."""

    record_key: str
    version: int
    home_partition: int
    mentions: tuple[tuple[str, Resolved], ...]
    reaching: Reaching


class Gone(NamedTuple):
    """A record whose identities are taken back."""

    record_key: str
    version: int
    home_partition: int
    reason: str | None


class Decision(NamedTuple):
    """What has to be said, in the order of record keys, and what happened to entities.

    `alarms` are the names of what somebody should look at and was not so before, `calmed` those of
    what was so before and is no more.
    """

    said: tuple[Identified | Gone, ...] = ()
    merged: int = 0
    split: int = 0
    leads: int = 0
    alarms: tuple[str, ...] = ()
    calmed: tuple[str, ...] = ()


class _View(NamedTuple):
    """What mentions are, and which decisions reach their records, at one moment."""

    resolved: dict[str, Resolved]
    alarms: frozenset[tuple[str, str]]
    reaching: dict[str, Reaching]


class Deciding:
    """Everything that is known, and the entities that follow.

    Each of the four changes decides and takes effect at once; `undo` gives the way back.
    """

    def __init__(
        self,
        evidence: Callable[[bytes], Evidenced],
        judges: Mapping[str, Judge],
        limits: Limits = LIMITS,
    ) -> None:
        self.lists = Lists()
        self.judged = Judged()
        counting = Counting(self.lists, evidence)
        self.held = Held(self.lists, counting, self.judged, judges)
        self._groups = Groups(self.held, limits)
        self._courts = Courts(self.held, self._groups)
        self._remains = Remains()
        self._moves = Moves(self.lists, counting, self.judged, self.held, self._groups)

    def forget(self) -> None:
        """Let go of everything that can be found again; it changes no answer."""
        if self.held.loaded:
            self.held.forget(self._remains)
            self._groups.forget(self._remains)

    def keep_at_most(self, records: int) -> None:
        """Let go of some records that nobody asked for long, if more than so many are held.

        It changes no answer. It lets go of so few that no message waits for it, and of more than
        a message mostly brings.
        """
        for _ in range(min(self.held.loaded - records, _MOST_LET_GO)):
            self._groups.let_go(self.held.let_go())
        self._remains.free(_MOST_FREED)

    # ------------------------------------------------------------------ the four changes
    def tell(self, told: Told) -> Decision:
        """Take what a meeting partition says of a record."""
        key = told.record_key
        before = self.lists.of(key)
        after = with_told(before, told)
        move, counted = self._moves.of_record(key, after)

        def apply() -> None:
            self.lists.put(key, after)
            self.held.replace(key, counted.known)

        decision, changed = self._settle(move, apply, {key})
        own = self._own(key, before, after, is_changed=key in changed)
        changed.discard(key)
        return self._decision(decision, changed, own)

    def turn(self, value: str, *, is_default: bool) -> Decision:
        """Let a value be a default value, or be none any more."""
        defaults = self.held.defaults
        now = defaults | {value} if is_default else defaults - {value}
        move = self._moves.of_value(value, now)
        return self._rest(move, lambda: self._set_default(value, is_default=is_default))

    def judge(self, ends: Pair, what: Decided | None) -> Decision:
        """Let this be what people decided on a pair, None for nothing."""
        for end in ends:
            self.held.load(record_of(end))
        self.judged.put(ends, what)
        return self._rest(self._moves.of_judgement(ends))

    def advance(self, now: int) -> Decision:
        """Let it be `now`, in microseconds since 1970, and judgements lapse whose day has come."""
        lapsing = list(self.judged.lapsing(now))
        for ends in lapsing:
            for end in ends:
                self.held.load(record_of(end))
        self.judged.now = now
        judgements = [self._moves.of_judgement(ends).judgements for ends in lapsing]
        return self._rest(Move(judgements={k: v for each in judgements for k, v in each.items()}))

    def _set_default(self, value: str, *, is_default: bool) -> None:
        defaults = self.held.defaults
        (defaults.add if is_default else defaults.discard)(value)

    # ------------------------------------------------------------------ without deciding
    def put(self, record_key: str, spoken: Spoken) -> None:
        """Know this of a record, and find everything else again when it is asked for."""
        self.lists.put(record_key, spoken)
        self.forget()

    def put_default(self, value: str, *, is_default: bool) -> None:
        """Know whether a value is a default value, as `put` does."""
        self._set_default(value, is_default=is_default)
        self.forget()

    def put_judgement(self, ends: Pair, what: Decided | None) -> None:
        """Know what was decided on a pair, as `put` does."""
        self.judged.put(ends, what)
        self.forget()

    def put_time(self, now: int) -> None:
        """Know the time, as `put` does."""
        self.judged.now = now
        self.forget()

    # ------------------------------------------------------------------ before and after
    def _rest(self, move: Move, apply: Callable[[], None] = lambda: None) -> Decision:
        decision, changed = self._settle(move, apply, set())
        return self._decision(decision, changed, ())

    def _settle(
        self, move: Move, apply: Callable[[], None], records: set[str]
    ) -> tuple[Decision, set[str]]:
        """Let a move take effect; gives what happened, and the records of which it did."""
        touched = self._moves.touched(move)
        leads = self._moves.leads(move)
        records = records | move.reached
        before = self._view(touched, records)
        apply()
        self._apply(move)
        if move.is_growth:
            self._groups.grow(move.mentions)
            touched.update(each for each in move.mentions if not self.held.is_alone(each))
        else:
            self._groups.disturb(before.resolved, move.lost)
        after = self._view(touched | before.resolved.keys(), records | before.reaching.keys())
        merged, split = _moved(before.resolved, after.resolved)
        alarms = sorted([name for _, name in after.alarms - before.alarms])
        calmed = sorted([name for _, name in before.alarms - after.alarms])
        decision = Decision((), merged, split, leads, tuple(alarms), tuple(calmed))
        changed = _changed(before, after)
        if move.is_growth:
            changed.update(map(record_of, move.mentions))
        return decision, changed

    def _apply(self, move: Move) -> None:
        held = self.held
        if move.is_growth:
            held.keep_new(move.verdicts)
        else:
            for ends, verdict in move.verdicts.items():
                held.keep(ends, verdict)
        for ends, judgement in move.judgements.items():
            held.judge(ends, judgement)
        held.drop_courts(move.courts_gone)
        held.hold_courts(move.courts_new)

    def _view(self, mentions: Iterable[str], records: Collection[str]) -> _View:
        resolved: dict[str, Resolved] = {}
        alarms: frozenset[tuple[str, str]] = frozenset()
        for each in mentions:
            if each not in resolved and self.held.is_known(each):
                group = self._groups.group(each)
                resolved.update(group.resolved)
                if group.alarms:
                    alarms |= group.alarms
        looked_at = {*records, *map(record_of, resolved)}
        for each in looked_at:
            self.held.load(each)
        reached = looked_at & self.held.courts.keys()
        return _View(resolved, alarms, self._courts.reaching(reached) if reached else {})

    # ------------------------------------------------------------------ what is said
    def _decision(
        self, decision: Decision, changed: set[str], own: tuple[Identified | Gone, ...]
    ) -> Decision:
        others = [self.identified(key) for key in changed if self.lists.of(key).is_live]
        said = sorted([*own, *others], key=_by_record) if others else own
        return decision._replace(said=tuple(said))

    def _own(
        self, key: str, before: Spoken, after: Spoken, *, is_changed: bool
    ) -> tuple[Identified | Gone, ...]:
        """Give what is said of the record itself: always, when its version is another."""
        is_same = (before.version, before.standing) == (after.version, after.standing)
        if after.is_live:
            return (self.identified(key),) if is_changed or not is_same else ()
        if after.standing is Standing.GONE and not is_same:
            return (Gone(key, after.version, after.home_partition, after.reason),)
        return ()

    def identified(self, record_key: str) -> Identified:
        """Give who the mentions of a live record are."""
        spoken, resolved = self.lists.of(record_key), self._groups.resolved
        mentions = self.held.mentions(record_key)
        return Identified(
            record_key,
            spoken.version,
            spoken.home_partition,
            tuple([(each, resolved(each)) for each in mentions]),
            self._reaching(record_key),
        )

    def _reaching(self, record_key: str) -> Reaching:
        if record_key not in self.held.courts:
            return ()
        return self._courts.reaching((record_key,)).get(record_key, ())


def _by_record(said: Identified | Gone) -> str:
    return said.record_key


def _changed(before: _View, after: _View) -> set[str]:
    """Give the records with a mention that is something else, or that another decision reaches."""
    was, now = before.resolved, after.resolved
    found = {record_of(each) for each in was.keys() | now.keys() if was.get(each) != now.get(each)}
    keys = before.reaching.keys() | after.reaching.keys()
    return found | {k for k in keys if before.reaching.get(k) != after.reaching.get(k)}


def _moved(before: Mapping[str, Resolved], after: Mapping[str, Resolved]) -> tuple[int, int]:
    """Count the entities that became part of another, and those that others came out of."""
    moves = {
        (before[each].entity_id, after[each].entity_id) for each in before.keys() & after.keys()
    }
    were, are = {was for was, _ in moves}, {now for _, now in moves}
    return len(moves) - len(are), len(moves) - len(were)
