"""R-09, R-26: identify in random worlds says after every message what a plain program says.

A failing seed names itself; `python -m tests.simulator --of identify --seed N` runs it again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from streams.identify import deciding, lists
from streams.identify.counting import Counted, Counting
from streams.identify.deciding import Deciding, Gone, Identified
from streams.identify.entries import Compared, Court, Told
from streams.identify.forming import Forming
from streams.identify.groups import Groups
from streams.identify.judged import Decided, Judged
from streams.identify.lists import Lists, Spoken, Standing
from streams.identify.moves import Move, Moves, RecordMove
from streams.identify.reaching import Courts
from tests.simulator.identify.worlds import Watched, world_of
from tests.simulator.judge import Violation
from tests.simulator.world import NO_FAULTS, Faults

SEEDS_A_CHUNK = 250


@pytest.mark.parametrize("chunk", range(2))
def test_after_every_message_a_batch_says_the_same(chunk: int) -> None:
    counts: Counter[str] = Counter()
    for seed in range(chunk * SEEDS_A_CHUNK, (chunk + 1) * SEEDS_A_CHUNK):
        try:
            counts.update(Watched(seed).run().counts)
        except Violation as violation:
            pytest.fail(f"python -m tests.simulator --of identify --seed {seed}: {violation}")
    assert min(counts.values()) >= SEEDS_A_CHUNK, f"something was hardly tried: {counts}"


def _try(seeds: range, faults: Faults) -> Counter[str]:
    counts: Counter[str] = Counter()
    for seed in seeds:
        try:
            counts.update(world_of(seed, faults).run().check().counts)
        except Violation as violation:
            pytest.fail(f"world {seed} of identify: {violation}")
    return counts


@pytest.mark.parametrize("chunk", range(2))
def test_all_faults_together_leave_what_the_oracle_says(chunk: int) -> None:
    counts = _try(range(chunk * SEEDS_A_CHUNK, (chunk + 1) * SEEDS_A_CHUNK), Faults())
    assert counts["zombies"] > 100
    assert counts["lost writes"] > 5


def test_with_compaction_of_what_was_not_read_yet() -> None:
    _try(range(60_000, 60_100), replace(NO_FAULTS, compact=0.5))


def _any_version(_self: Counting, pairs: Iterable[Compared]) -> Iterator[Compared]:
    return iter(pairs)


def _reaches_anyway(_self: Counting, court: Court, record_key: str, _version: int) -> bool:
    return record_key in (court.arrest_key, court.court_key)


def _speaks_at_once(told: tuple[Told, ...]) -> Spoken:
    newest = max(told, key=lambda each: each.version)
    if not newest.parts:
        return Spoken(told, newest.version, Standing.GONE, ())
    values = tuple(t.value for t in told if t.version == newest.version and t.value is not None)
    return Spoken(told, newest.version, Standing.LIVE, values)


_of_record = Moves.of_record
_own = Deciding._own
_changed = deciding._changed


def _stays(self: Moves, record_key: str, spoken: Spoken) -> RecordMove:
    if spoken.is_live:
        return _of_record(self, record_key, spoken)
    known, _, courts = self._held.counted(record_key)
    return RecordMove(Move(), Counted(known, {}, frozenset(courts)))


def _says_no_removal(*args: Any, **kwargs: Any) -> tuple[Identified | Gone, ...]:
    return tuple(each for each in _own(*args, **kwargs) if isinstance(each, Identified))


def _says_only_changes(
    self: Deciding, key: str, _before: Spoken, after: Spoken, *, is_changed: bool
) -> tuple[Identified | Gone, ...]:
    return _own(self, key, after, after, is_changed=is_changed)


def _reaches_everyone(
    self: Courts, record_key: str, courts: Iterable[Court]
) -> Iterator[tuple[str, Court]]:
    for court in courts:
        if court.arrest_key == record_key:
            for mention in self._held.mentions(record_key):
                yield mention, court


def _entities_only(before: Any, after: Any) -> set[str]:
    def plain(view: Any) -> Any:
        bare = {each: found._replace(verdicts=()) for each, found in view.resolved.items()}
        return view._replace(resolved=bare)

    return _changed(plain(before), plain(after))


def _nothing(*_: Any, **__: Any) -> Any:
    return None


BUGS: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "a pair of versions that are past counts": (Counting, "_current", _any_version),
    "a decision of a court's earlier version counts": (Counting, "_reaches", _reaches_anyway),
    "what others state of a record is not looked for": (Lists, "naming", lambda *_: ()),
    "a record speaks before all its parts have": (lists, "_spoken", _speaks_at_once),
    "pairs are not judged again when a value becomes a default": (
        Moves,
        "of_value",
        lambda *_: Move(),
    ),
    "a restart forgets default values": (Deciding, "put_default", _nothing),
    "a restart forgets judgements": (Deciding, "put_judgement", _nothing),
    "nobody looks which judgements lapse": (Judged, "lapsing", lambda *_: ()),
    "judgements never lapse": (Decided, "is_in_force", lambda *_: True),
    "judgements count while a mention is not there": (
        Moves,
        "_judgements",
        lambda *_: {},
    ),
    "who is removed keeps the entity": (Moves, "of_record", _stays),
    "a removal is not said": (Deciding, "_own", _says_no_removal),
    "a version that changes nothing is not said": (Deciding, "_own", _says_only_changes),
    "a decision about another entity reaches": (Courts, "_reaching", _reaches_everyone),
    "other decisions for the same entity are not said": (deciding, "_changed", _entities_only),
    "a veto is not looked for where a group grows": (Forming, "_is_parted", lambda *_: False),
    "entities found before a change stay": (Groups, "disturb", _nothing),
    "links that are lost hold on": (Forming, "without", lambda _self, group, _lost: group),
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_caught(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*BUGS[bug])
    for seed in range(400):
        try:
            Watched(seed).run()
        except (Violation, KeyError):
            return
    pytest.fail(f"nobody noticed that {bug}")
