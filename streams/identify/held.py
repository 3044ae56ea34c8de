"""What is held in memory of records that were looked at, found again when it is asked for (pure).

Invariant: everything here is a cache over lists, judgements and default values. Records may be let
go of between two messages; that changes no answer, only what it costs, and bounds the memory.
A verdict, a judgement or a decision is held as long as a record is on either side of it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping

from streams.identify.counting import Counted, Counting
from streams.identify.entries import Court, record_of
from streams.identify.judged import Judged
from streams.identify.lists import Lists
from streams.identify.members import Known
from streams.identify.remains import Remains
from streams.resolution.evidence import Evidence
from streams.resolution.graph import Graph
from streams.resolution.judgements import Judgement, Pair
from streams.resolution.verdicts import Judge, Verdict


class Held:
    """Mentions, the verdicts between them, judgements and courts' decisions that count now."""

    def __init__(
        self,
        lists: Lists,
        counting: Counting,
        judged: Judged,
        judges: Mapping[str, Judge],
    ) -> None:
        self._lists = lists
        self._counting = counting
        self._judged = judged
        self.judges = judges
        self.defaults: set[str] = set()
        self._begin()

    def _begin(self) -> None:
        self._loaded: OrderedDict[str, None] = OrderedDict()
        self.known: dict[str, Known] = {}
        self._mentions: dict[str, tuple[str, ...]] = {}
        self.graph = Graph()
        self.courts: dict[str, set[Court]] = {}

    def forget(self, remains: Remains) -> None:
        """Let go of everything that can be found again, to be freed by and by."""
        remains.take(self._loaded, self.known, self._mentions, self.courts, *self.graph.rows())
        self._begin()

    @property
    def loaded(self) -> int:
        """Count the records that are held in memory in full."""
        return len(self._loaded)

    # ------------------------------------------------------------------ what is held of a record
    def load(self, record_key: str) -> None:
        """Hold everything that counts of a record, unless it is held already."""
        if record_key in self._loaded:
            self._loaded.move_to_end(record_key)
            return
        self._loaded[record_key] = None
        counted = self._counting.of(record_key, self._lists.of(record_key))
        self._hold_mentions(record_key, counted.known)
        for ends, (kind, evidence) in counted.pairs.items():
            if self.graph.get(*ends) is None:
                verdict = self.verdict(kind, evidence)
                if verdict is not None:
                    self.graph.add(*ends, verdict)
        self.hold_courts(counted.courts)
        for ends in self._judged.of_record(record_key):
            judgement = self.counting_judgement(ends)
            if judgement is not None:
                self.graph.judge(judgement)

    def let_go(self) -> tuple[str, ...]:
        """Let go of the record that nobody asked for the longest; gives its mentions."""
        record_key, _ = self._loaded.popitem(last=False)
        mentions, known = self._mentions.pop(record_key, ()), self.known
        for each in mentions:
            del known[each]
        for (a, b), verdict in self.graph.of(mentions).items():
            if a not in known and b not in known:
                self.graph.drop(a, b, verdict)
        for a, b in self._judged.of_record(record_key):
            if a not in known and b not in known:
                self.graph.unjudge(a, b)
        courts = self.courts.get(record_key, ())
        self.drop_courts([each for each in courts if self._loaded.keys().isdisjoint(each.sides)])
        return mentions

    def _hold_mentions(self, record_key: str, known: Mapping[str, Known]) -> None:
        for gone in self._mentions.pop(record_key, ()):
            del self.known[gone]
        if known:
            self._mentions[record_key] = tuple(known)
            self.known.update(known)

    def hold_courts(self, courts: Iterable[Court]) -> None:
        """Let these decisions count."""
        for each in courts:
            self.courts.setdefault(each.arrest_key, set()).add(each)
            self.courts.setdefault(each.court_key, set()).add(each)

    def drop_courts(self, courts: Iterable[Court]) -> None:
        """Let these decisions count no more."""
        for each in courts:
            for key in {each.arrest_key, each.court_key}:
                self.courts[key].discard(each)
                if not self.courts[key]:
                    del self.courts[key]

    def verdict(
        self, kind: str, evidence: Evidence, defaults: Collection[str] | None = None
    ) -> Verdict | None:
        """Give the verdict on evidence, if it is worth keeping.

        Without `defaults` it is that under the default values of now.
        """
        counting = self.defaults if defaults is None else defaults
        verdict = self.judges[kind].verdict(evidence, counting)
        return verdict if verdict.is_kept else None

    def counting_judgement(
        self, ends: Pair, changing: tuple[str, Mapping[str, Known]] = ("", {})
    ) -> Judgement | None:
        """Give the judgement on a pair if it is in force and both mentions are there, of one kind.

        Who is only described is nobody else's, whatever was judged. `changing` is a record with
        the mentions that it will have.
        """
        judgement = self._judged.in_force(ends)
        if judgement is None:
            return None
        kinds = {self._kind_of(each, *changing) for each in ends}
        return judgement if len(kinds) == 1 and "" not in kinds else None

    def _kind_of(self, mention_id: str, changing: str, with_known: Mapping[str, Known]) -> str:
        if record_of(mention_id) == changing:
            known = with_known.get(mention_id)
        elif mention_id in self.known:
            known = self.known[mention_id]
        else:
            spoken = self._lists.of(record_of(mention_id))
            known = self._counting.known(spoken).get(mention_id) if spoken.is_live else None
        return "" if known is None or known.is_alone else known.kind

    def counted(self, record_key: str) -> tuple[dict[str, Known], dict[Pair, Verdict], set[Court]]:
        """Give what is held of a record: mentions, verdicts worth keeping, decisions."""
        if self._lists.live_version(record_key) is None:
            self._loaded[record_key] = None  # there is nothing to look for
            return {}, {}, self.courts.get(record_key, set())
        self.load(record_key)
        mentions = {each: self.known[each] for each in self._mentions.get(record_key, ())}
        return mentions, self.graph.of(mentions), self.courts.get(record_key, set())

    def verdicts(self, counted: Counted) -> dict[Pair, Verdict]:
        """Give the verdicts worth keeping of what counts."""
        found, judges, defaults = dict[Pair, Verdict](), self.judges, self.defaults
        for ends, (kind, evidence) in counted.pairs.items():
            verdict = judges[kind].verdict(evidence, defaults)
            if verdict.is_kept:
                found[ends] = verdict
        return found

    def kept(self, ends: Pair) -> Verdict | None:
        """Give the verdict that is held of a pair whose records are loaded."""
        return self.graph.get(*ends)

    def mentions(self, record_key: str) -> tuple[str, ...]:
        """Give a record's mentions in their order; none unless it is live."""
        self.load(record_key)
        return self._mentions.get(record_key, ())

    # ------------------------------------------------------------------ changes
    def replace(self, record_key: str, known: Mapping[str, Known]) -> None:
        """Let a loaded record have these mentions."""
        self._hold_mentions(record_key, known)

    def keep(self, ends: Pair, verdict: Verdict | None) -> None:
        """Let this be the verdict on a pair, None for none that is worth keeping."""
        before = self.graph.get(*ends)
        if before is not None:
            self.graph.drop(*ends, before)
        if verdict is not None:
            self.graph.add(*ends, verdict)

    def keep_new(self, verdicts: Mapping[Pair, Verdict | None]) -> None:
        """Let these be the verdicts on pairs of which none is kept."""
        for (a, b), verdict in verdicts.items():
            if verdict is not None:
                self.graph.add(a, b, verdict)

    def judge(self, ends: Pair, judgement: Judgement | None) -> None:
        """Let this judgement count on a pair, or none."""
        if judgement is None:
            self.graph.unjudge(*ends)
        else:
            self.graph.judge(judgement)

    def judgement(self, ends: Pair) -> Judgement | None:
        """Give the judgement that counts on a pair whose records are loaded."""
        return self.graph.judgement(*ends)

    def is_known(self, mention_id: str) -> bool:
        """Tell whether a mention counts."""
        self.load(record_of(mention_id))
        return mention_id in self.known

    def is_alone(self, mention_id: str) -> bool:
        """Tell quickly whether nothing can connect a mention that counts with another."""
        return self.is_known(mention_id) and self.graph.is_alone(mention_id)
