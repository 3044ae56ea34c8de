"""How fast searches are answered on a full index, by kind of question, audit entry included.

Who asks is an agency with agreements of every sort. The mix is what investigators type: names
(right, misspelt, nicknames), looks of one person, plates whole and partial, phones, addresses,
words of a narrative, and filters on top. Run: `python -m bench.search [records] [searches]`.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from bench.index import fill
from bench.search_corpus import Corpus
from consumers.search.access import Access, Agency
from consumers.search.criteria import Context, Criteria
from consumers.search.document import Span
from consumers.search.engines.sqlite.reader import SqliteSearch
from consumers.search.service import Search
from consumers.search.sights import Sights
from recordbus.audit.log import AuditLog
from recordbus.audit.openings import Sealer
from recordbus.audit.store import Store
from recordbus.clock import SystemClock
from recordbus.ids import UuidSource
from recordbus.policy.testing import policies_of

_AGREEMENT = """\
agreement: {name}
version: 1
title: Bench
legal_authority: Section 1
owners: [{owners}]
recipient: bench-task-force
start: 2000-01-01
end: 2999-12-31
rules:
  all:
    level: {level}
    purposes: [criminal_investigation]
    record_kinds: [arrest, citation, field_contact, incident]
    bases: [arrest, citation, field_contact, victim_or_witness_report]
    evidence_kinds: [fact, assessment]
    juveniles: true
"""
_MASKS = "    masks: [body.narrative, body.people.person.race]\n"
AGREEMENTS = (
    _AGREEMENT.format(name="whole", owners="department-0, department-1", level="full"),
    _AGREEMENT.format(name="masked", owners="department-2", level="full") + _MASKS,
    _AGREEMENT.format(name="pointers", owners="department-3", level="pointer"),
)
"""Of five departments two are shared whole, one without some fields, one by pointer, one not."""
CONTEXT = Context("bench", "criminal_investigation", "2024-0001")


class Questions:
    """Makes searches of each kind; what they ask for is drawn as the corpus was."""

    def __init__(self, seed: int) -> None:
        self.corpus = Corpus()
        self.chance = random.Random(seed)

    def _name(self) -> str:
        return f"{self.corpus.skewed(self.corpus.given)} {self._surname()}"

    def _surname(self) -> str:
        return self.corpus.skewed(self.corpus.surnames)

    def _misspelt(self) -> str:
        surname = self.chance.choice(self.corpus.surnames)
        place = self.chance.randrange(1, len(surname))
        return f"{self.chance.choice(self.corpus.given)} {surname[:place]}x{surname[place + 1 :]}"

    def _plate(self, length: int) -> str:
        return "".join(self.chance.choices("ABCDEFGHJKL0123456789", k=length))

    def ask(self, kind: str) -> Criteria:
        """Give one search of a kind."""
        chance = self.chance
        return {
            "name": lambda: Criteria(name=self._name()),
            "name misspelt": lambda: Criteria(name=self._misspelt()),
            "surname alone": lambda: Criteria(name=self._surname()),
            "name and birth": lambda: Criteria(
                name=self._name(), date_of_birth=str(chance.randint(1950, 2000))
            ),
            "box: a name": lambda: Criteria(text=self._name().lower()),
            "box: words": lambda: Criteria(
                text=f"knife {' '.join(chance.choices(self.corpus.words[:500], k=2))}"
            ),
            "box: phrase": lambda: Criteria(text='"front door"'),
            "looks": lambda: Criteria(
                sex=("M",), hair=(chance.choice(("BRO", "GRY")),), age=Span(20, 30),
                height=Span(68, 72), marks=("tattoo left arm",),
            ),
            "looks, broad": lambda: Criteria(sex=("M",), hair=("BRO",)),
            "plate": lambda: Criteria(plate=self._plate(6)),
            "plate part": lambda: Criteria(plate=self._plate(3) + "*"),
            "vehicle looks": lambda: Criteria(
                make=("FORD",), colour=("BLU",), vehicle_year=Span(2010, 2012)
            ),
            "person and car": lambda: Criteria(
                name=self._surname(), make=("FORD",), colour=("RED",)
            ),
            "phone": lambda: Criteria(phone=str(chance.randint(2_000_000, 9_999_999))),
            "address": lambda: Criteria(address=f"{chance.randint(1, 999)} Maple Street"),
        }[kind]()  # fmt: skip


MIX = {
    "name": 30, "name misspelt": 10, "surname alone": 5, "name and birth": 8, "box: a name": 10,
    "box: words": 5, "box: phrase": 2, "looks": 8, "looks, broad": 2, "plate": 6, "plate part": 4,
    "vehicle looks": 3, "person and car": 2, "phone": 3, "address": 2,
}  # fmt: skip
"""Kinds of search, and how many of a hundred are of each."""


def main() -> None:
    """Measure and print one JSON object; seconds are of one search in this process."""
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    searches = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "records.sqlite"
        fill(path, records)
        taken = measure(path, Path(directory) / "audit", searches)
    every = sorted(seconds for kind in taken.values() for seconds in kind)
    told = {
        "documents": records,
        "searches": len(every),
        "p50_ms": _ms(every, 0.50),
        "p95_ms": _ms(every, 0.95),
        "p99_ms": _ms(every, 0.99),
        "by_kind_p50_p95_ms": {
            kind: [_ms(sorted(times), 0.5), _ms(sorted(times), 0.95)]
            for kind, times in taken.items()
        },
        "mean_ms": round(statistics.fmean(every) * 1000, 2),
    }
    print(json.dumps(told))


def measure(path: Path, audit: Path, searches: int) -> dict[str, list[float]]:
    """Run a mix of searches; give the seconds of each, by kind of question."""
    questions = Questions(7)
    log = AuditLog(Store(audit, Sealer(bytes(32))))
    engine = SqliteSearch(path)
    policies = policies_of(*AGREEMENTS)
    access = Access(engine, Sights(engine, lambda: policies), Agency("bench-task-force"))
    search = Search(access, log, SystemClock(), UuidSource(), b"k" * 32)
    kinds = random.Random(8).choices(list(MIX), list(MIX.values()), k=searches)
    taken: defaultdict[str, list[float]] = defaultdict(list)
    for kind in kinds:
        criteria = questions.ask(kind)
        started = time.perf_counter()
        search.search(CONTEXT, criteria)
        taken[kind].append(time.perf_counter() - started)
    log.close()
    return taken


def _ms(ordered: list[float], part: float) -> float:
    return round(ordered[min(int(len(ordered) * part), len(ordered) - 1)] * 1000, 2)


if __name__ == "__main__":
    main()
