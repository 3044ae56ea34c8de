"""What a message changes of what counts, and whose entity that may touch (pure)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from streams.identify.counting import NOTHING, Counted, Counting
from streams.identify.entries import Court, record_of
from streams.identify.groups import Groups
from streams.identify.held import Held
from streams.identify.judged import Judged
from streams.identify.lists import Lists, Spoken
from streams.identify.members import Known
from streams.resolution.judgements import Judgement, Pair
from streams.resolution.verdicts import POSSIBLE, Verdict

_NO_COURTS: Final[frozenset[Court]] = frozenset()


class Move(NamedTuple):
    """What is otherwise from now on: verdicts and judgements by pair, None for no more of either.

    `mentions` are those that came, went or say something else of themselves. `is_growth` says
    that all of them came, and that nothing but their own verdicts is otherwise.
    """

    verdicts: Mapping[Pair, Verdict | None] = {}
    judgements: Mapping[Pair, Judgement | None] = {}
    mentions: frozenset[str] = frozenset()
    courts_gone: frozenset[Court] = _NO_COURTS
    courts_new: frozenset[Court] = _NO_COURTS
    is_growth: bool = False

    @property
    def reached(self) -> set[str]:
        """Give the records that courts' decisions reach no more, or from now on."""
        return {each.arrest_key for each in self.courts_gone | self.courts_new}

    @property
    def lost(self) -> Collection[Pair] | None:
        """Give the pairs of which no link counts any more, None if anything else happens."""
        if self.judgements or self.mentions:
            return None
        is_loss = all(not v or not (v.fits or v.vetoes) for v in self.verdicts.values())
        return self.verdicts.keys() if is_loss else None


class RecordMove(NamedTuple):
    """A move that follows from what is said of one record, and what the record then has."""

    move: Move
    counted: Counted


class Moves:
    """Finds what changes, before anything does."""

    def __init__(
        self, lists: Lists, counting: Counting, judged: Judged, held: Held, groups: Groups
    ) -> None:
        self._lists = lists
        self._counting = counting
        self._judged = judged
        self._held = held
        self._groups = groups

    def of_record(self, record_key: str, spoken: Spoken) -> RecordMove:
        """Give what changes once this is what was said of a record."""
        known, verdicts, courts = self._held.counted(record_key)
        counted = self._counting.of(record_key, spoken) if spoken.is_live else NOTHING
        judgements = self._judgements(record_key, counted.known)
        move = Move(
            _otherwise(verdicts, self._held.verdicts(counted)),
            judgements,
            _differing(known, counted.known),
            frozenset(courts - counted.courts),
            frozenset(counted.courts - courts),
            is_growth=not known and not judgements,
        )
        return RecordMove(move, counted)

    def _judgements(
        self, record_key: str, known: Mapping[str, Known]
    ) -> dict[Pair, Judgement | None]:
        return self._rejudged(
            {
                ends: self._held.counting_judgement(ends, (record_key, known))
                for ends in self._judged.of_record(record_key)
            }
        )

    def of_judgement(self, ends: Pair) -> Move:
        """Give what changes once the judgements are as they are now."""
        for end in ends:
            self._held.load(record_of(end))
        return Move(judgements=self._rejudged({ends: self._held.counting_judgement(ends)}))

    def _rejudged(self, now: dict[Pair, Judgement | None]) -> dict[Pair, Judgement | None]:
        return {ends: said for ends, said in now.items() if self._held.judgement(ends) != said}

    def of_value(self, value: str, defaults: Collection[str]) -> Move:
        """Give what changes once `defaults` are the default values, of which one is otherwise.

        Only pairs that share the value are judged again.
        """
        found: dict[Pair, Verdict | None] = {}
        for record_key in self._lists.sharing(value):
            self._held.load(record_key)
            counted = self._counting.of(record_key, self._lists.of(record_key))
            for ends, (kind, evidence) in counted.pairs.items():
                if any(key == value for key, _ in evidence.shared):
                    found[ends] = self._held.verdict(kind, evidence, defaults)
        return Move({ends: v for ends, v in found.items() if self._held.kept(ends) != v})

    def touched(self, move: Move) -> set[str]:
        """Give the mentions whose entities a move may touch, as everything is before it.

        A lead far below a link joins and parts nobody. A veto parts those only whom links connect.
        Where everything grows, those who are new touch others and are in no entity before.
        """
        if move.is_growth:
            fitting = [ends for ends, verdict in move.verdicts.items() if verdict and verdict.fits]
            return {end for ends in fitting for end in ends} - move.mentions
        found = {end for ends in move.judgements for end in ends} | move.mentions
        for ends, verdict in move.verdicts.items():
            before = self._held.kept(ends)
            if (before is not None and before.fits) or (verdict is not None and verdict.fits):
                found.update(ends)
            elif _vetoes(before) or _vetoes(verdict):
                found.update(self._connected(ends))
        return found

    def _connected(self, ends: Pair) -> Pair | tuple[()]:
        a, b = ends
        is_one = self._held.is_known(a) and b in self._groups.group(a).resolved
        return ends if is_one else ()

    def leads(self, move: Move) -> int:
        """Count the pairs that become leads for people."""
        leads = [ends for ends, v in move.verdicts.items() if v and v.outcome == POSSIBLE]
        return sum(not self._was_lead(ends) for ends in leads)

    def _was_lead(self, ends: Pair) -> bool:
        before = self._held.kept(ends)
        return before is not None and before.outcome == POSSIBLE


def _vetoes(verdict: Verdict | None) -> bool:
    return verdict is not None and bool(verdict.vetoes)


def _otherwise(
    before: Mapping[Pair, Verdict], after: Mapping[Pair, Verdict]
) -> dict[Pair, Verdict | None]:
    if not before:
        return dict(after)
    changed: dict[Pair, Verdict | None] = {
        ends: verdict for ends, verdict in after.items() if before.get(ends) != verdict
    }
    return changed | dict.fromkeys(before.keys() - after.keys())


def _differing(before: Mapping[str, Known], after: Mapping[str, Known]) -> frozenset[str]:
    if not before:
        return frozenset(after)
    return frozenset(
        each for each in before.keys() | after.keys() if before.get(each) != after.get(each)
    )
