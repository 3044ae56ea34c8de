"""A rebuild, killed anywhere, leaves what the batch program says (R-02, R-09, R-21..R-27).

Whatever the bus had begun and not finished, readers of public topics follow it without a gap.
`python -m tests.simulator --of rebuild --seed N` runs a seed again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, NoReturn

import pytest

from recordbus import crashpoints
from recordbus.errors import Misconfigured, Rejected
from streams.intake.handle import Intake
from streams.intake.offers import Offers
from streams.rebuild import rebuild as rebuilding_steps
from streams.rebuild.crashpoints import NAMES
from streams.rebuild.lock import Lock
from streams.rebuild.rebuild import Apart, Rebuild
from streams.rebuild.restating import Restating, known_of
from streams.runtime.contract import Handled
from streams.runtime.envelope import version_of
from streams.runtime.tenure import changelog_topic
from tests.simulator.bus.rebuilding import (
    OFTEN_KILLED,
    WorldCluster,
    left_in_the_middle,
    rebuild_of,
    rebuilt,
)
from tests.simulator.bus.talk import Talk
from tests.simulator.bus.worlds import FAULTS, BusWorld, world_of
from tests.simulator.judge import Violation
from tests.simulator.world import NO_FAULTS, Crashed, Faults

pytestmark = pytest.mark.no_cover  # tracing would double the time, and shows nothing new

CHANGELOG = changelog_topic("intake")
EPOCH_1 = version_of(1, 0)


def _try(seeds: range, faults: Faults) -> Counter[str]:
    counts: Counter[str] = Counter()
    for seed in seeds:
        try:
            world = left_in_the_middle(seed, FAULTS if faults is OFTEN_KILLED else faults)
            counts.update(rebuilt(world, faults, seed).run().check().counts)
        except Violation as violation:
            pytest.fail(f"python -m tests.simulator --of rebuild --seed {seed}: {violation}")
    return counts


def test_killed_anywhere_and_run_again_it_ends_in_what_the_batch_program_says() -> None:
    counts = _try(range(400_000, 400_020), OFTEN_KILLED)

    assert counts["refused to start"] >= 10
    assert counts["rebuild Crashed"] > 10
    assert counts["rebuild SimulatedFailure"] >= 3


@pytest.mark.parametrize("name", NAMES)
def test_killed_at_each_of_its_steps_it_goes_on(name: str) -> None:
    for visit in (1, 2, 3):
        world = left_in_the_middle(404_000 + visit, NO_FAULTS)
        crashpoints.arm(crashpoints.exit_at(f"{name}:{visit}", NAMES, _crash))
        with suppress(Crashed):
            rebuild_of(world, 2, 1).run()
        crashpoints.arm(None)
        rebuilt(world, NO_FAULTS, visit, 2).run().check()


def _crash(_code: int) -> NoReturn:
    raise Crashed


def test_a_rebuild_without_faults_says_every_key_once() -> None:
    for seed in range(401_000, 401_010):
        world = left_in_the_middle(seed, NO_FAULTS)
        before = sum(len(known_of(iter(each.items()), EPOCH_1)) for each in intake_values(world))
        assert rebuild_of(world, 2, 3).run() == before
        assert not any(known_of(iter(each.items()), EPOCH_1) for each in intake_values(world))


def intake_values(world: BusWorld) -> list[dict[bytes, bytes]]:
    """Give the newest values of each partition of intake's changelog."""
    logs = [log for (topic, _), log in world.broker.logs.items() if topic == CHANGELOG]
    return [{m.key or b"": m.value or b"" for m in log.committed()} for log in logs]


def test_run_again_after_its_end_it_does_nothing() -> None:
    world = left_in_the_middle(402_000, NO_FAULTS)
    assert rebuild_of(world, 1, 7).run() is not None
    ends = {at: log.end for at, log in world.broker.logs.items()}
    assert rebuild_of(world, 1, 7).run() is None
    assert {at: log.end for at, log in world.broker.logs.items()} == ends


def _rest() -> Any:
    return left_in_the_middle(402_001, NO_FAULTS)


def test_it_refuses_while_a_stage_runs() -> None:
    world = _rest()
    rebuild = rebuild_of(world, 1, 7)
    rebuild.cluster = WorldCluster(world, 1, running=1)
    with pytest.raises(Misconfigured, match="still run: intake, associate, meet, identify"):
        rebuild.run()


def test_it_refuses_other_partitions_than_the_topics_have() -> None:
    rebuild = rebuild_of(_rest(), 1, 7)
    rebuild.partitions += 1
    with pytest.raises(Misconfigured, match=r"stage\.partitions"):
        rebuild.run()


def test_it_refuses_other_meeting_partitions_than_it_began_with() -> None:
    """What was said again lies where the first run put it."""
    world = _rest()
    crashpoints.arm(crashpoints.exit_at("rebuild.restated", NAMES, _crash))
    with suppress(Crashed):
        rebuild_of(world, 2, 1).run()
    crashpoints.arm(None)
    with pytest.raises(Misconfigured, match=r"meetings\.v1 has 2 partitions"):
        rebuild_of(world, 3, 1).run()


def test_it_changes_nothing_when_a_record_cannot_be_said_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A record that this release would refuse stays, and is named."""
    world = _rest()
    _make_refusing(monkeypatch)
    before = {at: list(log.committed()) for at, log in world.broker.logs.items()}
    with pytest.raises(Apart, match="implausible"):
        rebuild_of(world, 1, 7).run()
    assert {at: list(log.committed()) for at, log in world.broker.logs.items()} == before


def _make_refusing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Handled:
        raise Rejected("implausible", "for a test")

    monkeypatch.setattr(Intake, "restate", refuse)


def test_it_changes_nothing_when_records_were_lost() -> None:
    """Intake knows of records that are not in the log: no rebuild can make up for them."""
    world = _rest()
    for (topic, _), log in world.broker.logs.items():
        if topic == "records.v1":
            log.delete_records(log.end)
    with pytest.raises(Apart, match="lacks"):
        rebuild_of(world, 1, 7).run()


# ---------------------------------------------------------------- does this notice anything?
def _forgets_the_fingerprint(self: Restating, held: Any, known: Any, *place: Any) -> Any:
    return _record(self, held, known._replace(fingerprint=""), *place)


def _forgets_the_first_day(self: Restating, held: Any, known: Any, *place: Any) -> Any:
    return _record(self, held, known._replace(first_recorded_on=""), *place)


_record = Restating.record


def _no_judgements(values: Any, since: int) -> Any:
    known = known_of(values, since)
    known.others.clear()
    return known


def _only_live(values: Any, since: int) -> Any:
    known = known_of(values, since)
    for key in [key for key, each in known.records.items() if each.status != "live"]:
        del known.records[key]
    return known


def _from_the_first_input(self: Lock, *, keeps_sequence: bool) -> Any:
    return _released(self, keeps_sequence=keeps_sequence)._replace(next_offsets={})


_released = Lock.released


def _not_locked(_self: Rebuild, _held: Any) -> None:
    """Let stages start whenever they like."""


def _not_emptied(_self: WorldCluster) -> None:
    """Leave everything in the tables."""


def _parts_of_before(self: Offers, *given: Any) -> Any:
    message, record, day, relations, state = given
    return _live(self, message, record, day, relations, state._replace(parts=(7,)))


_live = Offers.live

BUGS: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "the fingerprint is forgotten": (Restating, "record", _forgets_the_fingerprint),
    "the first day is forgotten": (Restating, "record", _forgets_the_first_day),
    "judgements are not said again": (rebuilding_steps, "known_of", _no_judgements),
    "removals are not said again": (rebuilding_steps, "known_of", _only_live),
    "ingest is read from the start": (Lock, "released", _from_the_first_input),
    "nothing is locked": (Rebuild, "_lock", _not_locked),
    "the tables are not emptied": (WorldCluster, "empty_tables", _not_emptied),
    "earlier partitions are told": (Offers, "live", _parts_of_before),
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*BUGS[bug])
    assert _is_found(), f"nobody noticed that {bug}"


def _is_found() -> bool:
    for seed in range(420_040, 420_070):
        try:
            rebuilt(left_in_the_middle(seed, NO_FAULTS), NO_FAULTS, seed).run().check()
        except Exception:  # noqa: BLE001 - however it is noticed
            return True
    return False


def test_an_expunged_record_stays_expunged() -> None:
    """What is published of it after the rebuild is refused as before (R-25)."""
    refused = 0
    for seed in range(403_000, 403_016):
        world = world_of(seed, NO_FAULTS).run()
        held = world.ending().held.values()
        gone = [each.newest for each in held if each.newest.status == "expunged"]
        lived = [s for s in world.said if s.change is not None and s.change.status == "live"]
        again = rebuilt(world, NO_FAULTS, seed)
        late = [
            Talk(again.random, 1).again(said.change, said.change.source_seq + 1000)
            for said in lived
            if said.change is not None and said.change.key in {each.key for each in gone}
        ]
        again.said = [*again.said, *late]
        again.plan = replace(again.plan, events=[said.event for said in late])
        again.run().check()
        refused += len(late)
    assert refused > 5
