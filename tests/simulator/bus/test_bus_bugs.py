"""Do the worlds of the whole bus bite? Each bug planted here breaks one rule of the protocol.

A stage is a state machine over one log; a green simulation means nothing unless every one of these
turns it red.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from streams.associate.handle import Associate
from streams.associate.offer import relations_of_record
from streams.identify import lists
from streams.identify.counting import Counting
from streams.identify.handle import Identify
from streams.identify.judged import Decided
from streams.identify.lists import Spoken, Standing
from streams.intake import offers, order
from streams.intake.offers import Offers
from streams.meet import handle as meeting
from streams.meet import lists as evidence
from streams.meet.change import Change
from streams.meet.handle import Meet
from streams.meet.lists import record_evidence
from streams.meet.offer import bundles_of_record
from streams.resolution.limits import LIMITS
from streams.runtime.contract import Handled
from streams.runtime.tenure import Tenure
from tests.simulator import test_planted_bugs as of_the_runtime
from tests.simulator.associate import test_associate_worlds as of_associate
from tests.simulator.bus import stages, worlds
from tests.simulator.bus.worlds import BusWorld, CountingTenure, HeardProducer, world_of
from tests.simulator.intake import test_intake_bugs as of_intake
from tests.simulator.judge import Violation

pytestmark = pytest.mark.no_cover  # tracing would double the time, and shows nothing new

ENOUGH_SEEDS = 500


def what_is_found(kind: type[BusWorld] = BusWorld) -> str:
    for seed in range(ENOUGH_SEEDS):
        try:
            world_of(seed, kind=kind).run().check()
        except Violation as violation:
            return str(violation)
    return ""


def is_found() -> bool:
    """Say whether a bug is noticed by what it leads to, not by its own failure."""
    found = what_is_found()
    assert "unhandled" not in found, f"it breaks its own stage: {found}"
    return found != ""


# ------------------------------------------------------------------ the runtime's rules
def _tenures() -> Iterator[type[Tenure]]:
    yield of_the_runtime.StateBeforeOutputs
    yield of_the_runtime.OutputsBeforeState
    yield of_the_runtime.RestoreBeforeFence
    yield of_the_runtime.NoReplaySkip
    yield of_the_runtime.LostStateWrite
    yield of_the_runtime.PositionNotWritten
    yield of_the_runtime.RestoreReadsUncommitted
    yield of_the_runtime.IndexNotRebuilt


@pytest.mark.parametrize("tenure", list(_tenures()), ids=lambda each: each.__name__)
def test_a_broken_transaction_fence_or_restore_is_found(tenure: type[Tenure]) -> None:
    """Rules 2 and 5: one transaction a batch, fence before restore, indexes rebuilt."""
    broken = type("Broken", (tenure, CountingTenure), {})
    assert what_is_found(type("Sabotaged", (BusWorld,), {"tenure_type": broken}))


def test_a_zombie_that_may_write_is_found() -> None:
    """Rule 5: a new owner fences the old one."""
    unfenced = type("Unfenced", (of_the_runtime.UnfencedProducer, HeardProducer), {})
    assert what_is_found(type("Sabotaged", (BusWorld,), {"producer_type": unfenced}))


class IngestIsATable(BusWorld):
    """Rule 9 broken: what outsiders write is compacted."""

    def _compact(self) -> None:
        super()._compact()
        self.broker.log(self.random.choice(sorted(self.plan.logs)), 0).compact()


def test_compacting_what_outsiders_write_is_found() -> None:
    assert what_is_found(IngestIsATable)


def test_a_tombstone_before_everybody_passed_its_marker_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rule 8: only after every later stage has committed past it."""
    monkeypatch.setattr(worlds, "_everybody_passed", lambda *_: True)
    assert is_found()


# ------------------------------------------------------------------ the stages' rules
def _nothing(*_: Any, **__: Any) -> None:
    return None


def _nobody(*_: Any, **__: Any) -> set[Any]:
    return set()


def _none_left(*_: Any, **__: Any) -> list[Any]:
    return []


def _only_where_keys_are(record: Any, home: int, digests: Any, partitions: int) -> Any:
    found = bundles_of_record(record, home, digests, partitions)
    parts = [part for part, bundle in found.items() if any(m["keys"] for m in bundle["members"])]
    for bundle in found.values():
        bundle["parts"] = parts
    return {part: bundle for part, bundle in found.items() if part in parts}


def _names_itself_alone(record: Any, home: int, digests: Any, partitions: int) -> Any:
    found = bundles_of_record(record, home, digests, partitions)
    for part, bundle in found.items():
        bundle["parts"] = [part]
    return found


class _Forgetful:
    """Says only what it did not say before: a delta in place of the complete content."""

    def __init__(self) -> None:
        self.known: dict[Any, set[str]] = {}

    def list(self, scene: Any, reader: Any, number: int, found: Any, links: Any) -> Any:
        said = record_evidence(scene, reader, number, found, links)
        known = self.known.setdefault(said["record_key"], set())
        fresh = [pair for pair in said["pairs"] if pair["other"] not in known]
        known.update(pair["other"] for pair in said["pairs"])
        return {**said, "pairs": fresh}


def _always_active(self: Change, key: bytes) -> bool:
    return True


def _courts_speak_alone(
    number: int, head: Any, local_id: str, other_number: int, other: Any, key: bytes
) -> Iterator[Any]:
    found = _links(number, head, local_id, other_number, other, key)
    return (each for each in found if each.court == number)


_links = evidence._links


def _waits_for_nobody(told: tuple[Any, ...]) -> Spoken:
    spoken = _spoken(told)
    if spoken.standing is not Standing.WAITING:
        return spoken
    values = tuple(
        each.value for each in told if each.version == spoken.version and each.value is not None
    )
    return spoken._replace(standing=Standing.LIVE, values=values)


_spoken = lists._spoken


def _any_version(self: Counting, pairs: Any) -> Any:
    return (each for each in pairs if self._lists.of(each.other).is_live)


def _its_own_lists(_self: Counting, _record_key: str) -> Iterator[bytes]:
    return iter(())


def _default_not_heard(_self: Identify, _key: bytes, value: bytes, *_: Any) -> Handled:
    return Handled(value, outcome="default")


def _for_ever(_self: Decided, _now: int) -> bool:
    return True


def _clock_from_this_version(record: Any, first: Any, day: Any, entity: Any) -> Any:
    return relations_of_record(record, record["recorded_at"].date(), day, entity)


BUGS: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    # 1: one log, in order, and the complete present content of a key
    "a list says only what is new": (meeting, "record_evidence", _Forgetful().list),
    "what comes last counts": (order, "judge", of_intake.superseded_accepted),
    # 2: indexes are derived from the values
    "meet forgets at a restart": (Meet, "loaded", _nothing),
    "identify forgets at a restart": (Identify, "loaded", _nothing),
    "associate forgets at a restart": (Associate, "loaded", _nothing),
    # 3 and 4: versions, and time as data
    "pairs of earlier versions count": (Counting, "_current", _any_version),
    "judgements never lapse": (Decided, "is_in_force", _for_ever),
    "an update moves the clock": (offers, "relations_of_record", _clock_from_this_version),
    # the set of partitions, and the home partition
    "identify waits for nobody": (lists, "_spoken", _waits_for_nobody),
    "a bundle names its own partition alone": (offers, "bundles_of_record", _names_itself_alone),
    "records without keys have no home": (offers, "bundles_of_record", _only_where_keys_are),
    "partitions that a record left are not told": (Offers, "_left", _none_left),
    # restating
    "whom a record left is not told": (meeting, "left_behind", _nobody),
    "whom a decision left is not told": (meeting, "unlinked", _nobody),
    "a flip is told to nobody": (meeting, "parted_by_flips", _nobody),
    "only one's own list counts": (Counting, "_naming", _its_own_lists),
    "a decision is in its court's list alone": (evidence, "_links", _courts_speak_alone),
    # default values and limits
    "default values are not told": (Meet, "_default_values", _none_left),
    "default values are not heard": (Identify, "_default", _default_not_heard),
    "no block is suspended": (Change, "_is_active", _always_active),
    # removals
    "an expunge waits for its number": (order, "judge", of_intake.expunge_by_its_number),
}
BUGS |= of_associate.BUGS
"""What a pair of versions, a clock, a court and a dispute come to is seen in the whole bus too."""


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*BUGS[bug])
    # A machine without its index fails by itself, which is how that is noticed.
    found = what_is_found() if bug.endswith("at a restart") else is_found()
    assert found, f"nobody noticed that {bug}"


@pytest.mark.parametrize("name", ["component_mentions", "value_names", "block_members"])
def test_a_limit_that_is_not_kept_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the cap of a component people's judgements alone join; blocks are suspended."""

    def careless(limits: Any, partitions: int) -> Any:
        return stages.stages(limits._replace(**{name: getattr(LIMITS, name)}), partitions)

    monkeypatch.setattr(worlds, "stages", careless)
    assert is_found()
