"""Owners are told of every signed use, in order and at least once, whenever it is killed (R-41)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from recordbus.audit.checkpoint import make_checkpoint
from recordbus.audit.crash import USES_NAMES
from recordbus.audit.findings import Altered
from recordbus.audit.layout import CHECKPOINT
from recordbus.audit.notes import LOG_KEY, key_of
from recordbus.audit.place import PlaceFile
from recordbus.audit.publishing import TakenOver, UsesPublisher, keep_publishing
from recordbus.audit.signed import SignedLog
from recordbus.audit.store import Store
from recordbus.audit.use_messages import Addressed
from recordbus.crashpoints import EXIT_CODE
from recordbus.errors import Misconfigured, RecordbusError, Retryable
from recordbus.metrics import sample
from recordbus.testing.clock import EPOCH, ManualClock
from tests.unit.recordbus.audit.conftest import KEY, ORIGIN, SEALER, entry
from tests.unit.recordbus.audit.uses_process import OWNERS, publisher_in

BOTH = ("harbor-city-pd", "millbrook-pd")


class Topics:
    """Takes batches whole, or fails with `failure` and takes nothing."""

    def __init__(self) -> None:
        self.messages: list[Addressed] = []
        self.failure: RecordbusError | None = None

    def write(self, messages: Sequence[Addressed]) -> None:
        if self.failure is not None:
            raise self.failure
        self.messages.extend(messages)

    def told(self) -> list[tuple[str, int]]:
        return [(each.department, each.value["sequence"]) for each in self.messages]


class Town:
    """A log, the topics of two owners, and whoever publishes."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.topics, self.clock = directory, Topics(), ManualClock()
        self.owners = list(OWNERS)
        self.count = 0

    def use(self, count: int = 1, *, directory: Path | None = None, **fields: Any) -> None:
        store = Store(directory or self.directory / "audit", SEALER, segment_bytes=2048)
        for number in range(self.count, self.count + count):
            said = {"records": (f"h{number}@1", f"m{number}@2"), "owners": BOTH} | fields
            store.commit([entry(number, **said)], 2.0)
        store.close()
        self.count += count

    def sign(self) -> None:
        make_checkpoint(self.directory / "audit", ORIGIN, KEY)

    def publisher(self) -> UsesPublisher:
        return UsesPublisher(
            SignedLog(self.directory / "audit", key_of(ORIGIN, LOG_KEY, KEY)),
            PlaceFile(self.directory / "place.json", ORIGIN), self.topics,
            lambda: self.owners, self.clock,
        )  # fmt: skip


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def drained(publisher: UsesPublisher) -> None:
    while publisher.step():
        pass


def all_of(*sequences: int) -> list[tuple[str, int]]:
    return [(owner, sequence) for sequence in sequences for owner in BOTH]


def test_a_use_is_told_once_it_is_signed_and_not_before(town: Town) -> None:
    publisher = town.publisher()
    assert not publisher.step()
    town.use(3)
    assert not publisher.step()

    town.sign()
    drained(publisher)
    assert town.topics.told() == all_of(0, 1, 2)

    town.use(2)
    assert not publisher.step()
    town.sign()
    drained(publisher)
    assert town.topics.told() == all_of(0, 1, 2, 3, 4)


def test_a_publisher_that_starts_again_goes_on_where_the_last_one_was(town: Town) -> None:
    for first in (0, 3):
        town.use(3)
        town.sign()
        drained(town.publisher())
        assert town.topics.told()[2 * first :] == all_of(first, first + 1, first + 2)


@pytest.mark.parametrize("name", USES_NAMES)
@pytest.mark.parametrize("visit", [1, 3])
def test_a_publisher_that_is_killed_anywhere_leaves_no_gap_and_no_other_order(
    town: Town, name: str, visit: int
) -> None:
    """Kill -9 at every step: what comes again is the same message, and what is new is in order."""
    town.use(8)
    town.sign()
    visit = 1 if name == "uses.checked" else visit
    ended = subprocess.run(
        [sys.executable, "-m", "tests.unit.recordbus.audit.uses_process", town.directory,
         f"{name}:{visit}"], check=False, cwd=Path(__file__).parents[4],
    )  # fmt: skip
    assert ended.returncode == EXIT_CODE
    drained(publisher_in(town.directory))

    told = [orjson.loads(line) for line in (town.directory / "topics").read_bytes().splitlines()]
    once: dict[str, Any] = {}
    for department, value in told:
        assert once.setdefault(value["use_id"], [department, value]) == [department, value]
    assert [(department, value["sequence"]) for department, value in once.values()] == all_of(
        *range(8)
    )
    assert len(told) - len(once) == (2 * 3 if name == "uses.written" and visit == 1 else
                                     2 * 2 if name == "uses.written" else 0)  # fmt: skip


def test_a_topic_that_does_not_answer_holds_all_back_and_nothing_is_lost(town: Town) -> None:
    town.use(2)
    town.sign()
    publisher = town.publisher()
    town.topics.failure = Retryable("away")
    for _ in range(2):
        with pytest.raises(Retryable):
            publisher.step()
    town.topics.failure = None
    drained(publisher)

    assert town.topics.told() == all_of(0, 1)


def test_of_an_unknown_owner_is_told_once_the_bus_knows_it(town: Town) -> None:
    town.owners.remove("millbrook-pd")
    before = sample("recordbus_uses_untold_total") or 0
    town.use(1)
    town.sign()
    publisher = town.publisher()
    drained(publisher)
    assert town.topics.told() == [("harbor-city-pd", 0)]
    assert sample("recordbus_uses_untold_total") == before + 1

    town.owners.append("millbrook-pd")
    town.use(1)
    town.sign()
    drained(publisher)
    assert town.topics.told()[1:] == all_of(1)


def test_nothing_is_told_out_of_a_log_that_was_rewritten(town: Town) -> None:
    """R-40: also where somebody with the key signed another history."""
    town.use(4)
    town.sign()
    drained(town.publisher())
    (town.directory / "audit").rename(town.directory / "true")
    town.count = 0
    town.use(6, requester="det. Nobody")
    town.sign()
    publisher = town.publisher()

    with pytest.raises(Altered, match="not what was"):
        publisher.step()
    assert town.topics.told() == all_of(0, 1, 2, 3)


def test_nothing_is_told_out_of_a_log_that_was_rolled_back(town: Town) -> None:
    town.use(2)
    town.sign()
    early = (town.directory / "audit" / CHECKPOINT).read_bytes()
    town.use(2)
    town.sign()
    drained(town.publisher())
    (town.directory / "audit" / CHECKPOINT).write_bytes(early)

    with pytest.raises(Altered, match="rolled back"):
        town.publisher().step()
    (town.directory / "audit" / CHECKPOINT).unlink()
    with pytest.raises(Altered, match="no checkpoint"):
        town.publisher().step()


def test_nothing_is_told_under_a_checkpoint_of_somebody_else(town: Town) -> None:
    town.use(2)
    make_checkpoint(town.directory / "audit", "other.example", KEY)

    with pytest.raises(Altered, match="not signed"):
        town.publisher().step()


def test_how_far_behind_the_owners_are_is_measured(town: Town) -> None:
    publisher = town.publisher()
    town.use(3)
    town.clock.advance(42)
    publisher.measure()
    assert sample("recordbus_uses_lag_entries") == 3
    assert sample("recordbus_uses_lag_seconds") == 42

    town.sign()
    before = sample("recordbus_uses_published_total", department=BOTH[0], outcome="answered") or 0
    drained(publisher)
    publisher.measure()
    assert sample("recordbus_uses_lag_entries") == 0
    assert sample("recordbus_uses_lag_seconds") == 0
    assert sample("recordbus_uses_published_total", department=BOTH[0], outcome="answered") == (
        before + 3
    )


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b'{"log":"audit.example","full":[[0,"00"]]}',
     b'{"log":"audit.example","full":[[1,"%s"],[1,"%s"]]}' % (b"0" * 64, b"1" * 64),
     b'{"log":"other.example","full":[]}'],
    ids=range(6),
)  # fmt: skip
def test_a_place_that_cannot_be_read_is_named(town: Town, content: bytes) -> None:
    (town.directory / "place.json").write_bytes(content)

    with pytest.raises(Misconfigured, match=r"place\.json"):
        town.publisher()


def rounds(town: Town, count: int, between: Sequence[RecordbusError | None]) -> None:
    """Publish for some rounds, with this trouble in each."""
    troubles = iter(between)
    left = iter(range(count))

    def stopped() -> bool:
        return next(left, None) is None

    def pause(_seconds: float) -> None:
        town.topics.failure = next(troubles, None)

    keep_publishing(town.publisher(), 1.0, stopped, pause)


def test_trouble_passes_and_publishing_goes_on(town: Town) -> None:
    town.use(2)
    town.sign()
    town.topics.failure = Misconfigured("no topic")

    rounds(town, 9, [Retryable("away"), None])

    assert town.topics.told() == all_of(0, 1)


def test_whoever_was_taken_over_from_ends(town: Town) -> None:
    town.use(1)
    town.sign()
    town.topics.failure = TakenOver()

    with pytest.raises(TakenOver):
        rounds(town, 3, [])


def test_an_altered_log_is_counted_and_still_watched(town: Town) -> None:
    town.use(1)
    make_checkpoint(town.directory / "audit", "other.example", KEY)
    before = sample("recordbus_audit_verify_failures_total") or 0

    rounds(town, 2, [])

    assert sample("recordbus_audit_verify_failures_total") == before + 2
    assert town.topics.told() == []
    assert town.clock.now() == EPOCH
