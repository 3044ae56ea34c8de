"""The loop between a log and a sink: positions, quarantine, offsets, and how it stops."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from consumers.runner import Pace, Runner, start_positions
from consumers.sink import Applied, Change, Progress, Removal, TopicPartition
from recordbus import crashpoints
from recordbus.errors import Misconfigured, Rejected, Retryable
from recordbus.kafka.consumer import EARLIEST
from recordbus.kafka.message import Message
from recordbus.metrics import sample
from recordbus.testing.clock import ManualClock

AT = ("records.v1", 0)


class Killed(BaseException):
    """Stands for the end of the process at a crash point."""


class Log:
    """A partition in memory that hands out its messages like a group's consumer."""

    group = "recordbus-index"

    def __init__(self, events: list[str]) -> None:
        self.messages: list[Message] = []
        self.next = 0
        self.committed: dict[TopicPartition, int] = {}
        self.events = events
        self.is_closed = False

    def add(self, key: bytes | None, value: bytes | None = b"v", timestamp_ms: int = 0) -> None:
        self.messages.append(Message(*AT, len(self.messages), key, value, timestamp_ms))

    def consume(self, count: int, timeout_seconds: float) -> list[Message]:
        taken = self.messages[self.next : self.next + count]
        self.next += len(taken)
        return taken

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        self.events.append(f"offsets {dict(offsets)[AT]}")
        self.committed.update(offsets)

    def positions(self) -> dict[TopicPartition, int]:
        return {AT: self.next}

    def all_watermarks(
        self, partitions: Iterable[TopicPartition]
    ) -> dict[TopicPartition, tuple[int, int]]:
        return dict.fromkeys(partitions, (0, len(self.messages)))

    def close(self) -> None:
        self.is_closed = True


class Store:
    """A sink that keeps what it was given, and fails at will."""

    name = "store"

    def __init__(self, events: list[str]) -> None:
        self.kept: dict[bytes, Any] = {}
        self.progress: dict[TopicPartition, Progress] = {}
        self.batches: list[int] = []
        self.events = events
        self.failure: Exception | None = None
        self.unsettled = 0
        self.is_closed = False

    def positions(self) -> Mapping[TopicPartition, int]:
        return {at: reached.next_offset for at, reached in self.progress.items()}

    def apply(
        self, changes: Sequence[Change[bytes]], progress: Mapping[TopicPartition, Progress]
    ) -> Applied:
        if self.failure is not None:
            raise self.failure
        for change in changes:
            self.kept[change.key] = change.payload
        self.progress.update(progress)
        self.batches.append(len(changes))
        self.events.append(f"stored {len(changes)}")
        return Applied(stored=len(changes))

    def settle(self) -> bool:
        self.unsettled -= 1
        return self.unsettled <= 0

    def close(self) -> None:
        self.is_closed = True


class Aside:
    """A quarantine that keeps reasons."""

    def __init__(self, events: list[str]) -> None:
        self.reasons: list[tuple[int, str]] = []
        self.events = events
        self.is_closed = False

    def put(self, message: Message, error: Rejected) -> None:
        self.reasons.append((message.offset, error.reason))

    def flush(self) -> None:
        self.events.append("set aside")

    def close(self) -> None:
        self.is_closed = True


def decode(message: Message) -> Change[bytes]:
    if message.value == b"bad":
        raise Rejected("truncated", "ends early")
    if message.key is None:
        raise Rejected("key_mismatch", "no key")
    payload = Removal.TOMBSTONE if message.value is None else message.value
    return Change(message.key, "o", message.offset, payload, "d", message.timestamp_ms * 1000)


class Bench:
    """A runner with everything around it in memory."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.log, self.store = Log(self.events), Store(self.events)
        self.aside, self.clock = Aside(self.events), ManualClock()

    def runner(self, pace: Pace | None = None) -> Runner[bytes]:
        return Runner(
            self.log, self.store, decode, self.aside, self.clock, pace, sleep=self.clock.advance
        )


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    crashpoints.arm(None)


def after(calls: int) -> Callable[[], bool]:
    """Give a stop that comes after so many rounds."""
    left = iter(range(calls))
    return lambda: next(left, None) is None


def test_a_batch_is_stored_with_its_position(bench: Bench) -> None:
    for number in range(5):
        bench.log.add(b"%d" % number)

    applied = bench.runner().step()

    assert applied.stored == 5
    assert dict(bench.store.positions()) == {AT: 5}


def test_batches_are_bounded(bench: Bench) -> None:
    for number in range(25):
        bench.log.add(b"%d" % number)

    bench.runner(Pace(max_records=10)).run(after(4))

    assert bench.store.batches == [10, 10, 5]


def test_what_comes_after_a_quiet_time_is_stored_at_once(bench: Bench) -> None:
    runner = bench.runner(Pace(gather_ms=50))
    for _ in range(2):
        bench.log.add(b"a")
        before = bench.clock.monotonic()
        runner.step()
        assert bench.clock.monotonic() == before
        bench.clock.advance(0.05)
    assert bench.store.batches == [1, 1]


def test_under_load_a_batch_holds_what_came_since_the_last_one(bench: Bench) -> None:
    """Transactions have a price of their own, and many small ones would take all there is."""
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        bench.clock.advance(seconds)
        bench.log.add(b"c")

    pace = Pace(gather_ms=50)
    runner = Runner(bench.log, bench.store, decode, bench.aside, bench.clock, pace, sleep=sleep)
    bench.log.add(b"a")
    runner.step()
    bench.clock.advance(0.02)
    bench.log.add(b"b")
    runner.step()
    assert slept == pytest.approx([0.03])
    assert bench.store.batches == [1, 2]


def test_ticks_move_time_and_nothing_else(bench: Bench) -> None:
    bench.log.add(b"a", timestamp_ms=5)
    bench.log.add(b"tick/0", None, timestamp_ms=9)

    bench.runner().step()

    assert bench.store.batches == [1]
    assert bench.store.progress == {AT: Progress(2, 9000)}


def test_a_message_that_cannot_be_used_is_set_aside_and_the_next_goes_on(bench: Bench) -> None:
    for value in (b"v", b"bad", b"v"):
        bench.log.add(b"k", value)
    bench.log.add(None)

    bench.runner().step()

    assert bench.aside.reasons == [(1, "truncated"), (3, "key_mismatch")]
    assert bench.events == ["set aside", "stored 2"]
    assert dict(bench.store.positions()) == {AT: 4}


def test_what_was_set_aside_is_durable_before_the_sink_moves_on(bench: Bench) -> None:
    bench.log.add(b"k", b"bad")

    def fail() -> None:
        raise Retryable("the broker is away")

    bench.aside.flush = fail  # type: ignore[method-assign]
    with pytest.raises(Retryable):
        bench.runner().run(after(1))

    assert dict(bench.store.positions()) == {}
    assert bench.log.committed == {}


def test_a_tombstone_and_an_undecodable_one_pass(bench: Bench) -> None:
    bench.log.add(b"k", None)

    bench.runner().step()

    assert bench.store.kept == {b"k": Removal.TOMBSTONE}


def test_the_group_learns_the_position_after_the_sink_has_it(bench: Bench) -> None:
    bench.log.add(b"a")
    runner = bench.runner()
    runner.step()
    assert bench.log.committed == {}

    bench.clock.advance(2)
    runner.step()

    assert bench.events == ["stored 1", "offsets 1"]


def test_stopping_finishes_the_batch_tells_the_group_and_closes_everything(bench: Bench) -> None:
    bench.log.add(b"a")

    bench.runner().run(after(1))

    assert bench.events == ["stored 1", "offsets 1"]
    assert bench.log.is_closed
    assert bench.store.is_closed
    assert bench.aside.is_closed


@pytest.mark.parametrize("failure", [Retryable("no room"), Misconfigured("wrong file")])
def test_a_sink_that_fails_ends_the_run_unacknowledged(bench: Bench, failure: Exception) -> None:
    bench.log.add(b"a")
    bench.store.failure = failure

    with pytest.raises(type(failure)):
        bench.runner().run(after(3))

    assert bench.log.committed == {}
    assert bench.log.is_closed
    assert bench.store.is_closed


def test_a_sink_starts_where_it_stands_whatever_the_group_knows(bench: Bench) -> None:
    bench.store.progress = {AT: Progress(7, 0)}

    assert start_positions(bench.store, [AT, ("records.v1", 1)]) == {
        AT: 7, ("records.v1", 1): EARLIEST,
    }  # fmt: skip


def test_idle_time_is_used_to_settle_also_what_comes_up_later(bench: Bench) -> None:
    bench.log.add(b"a")
    bench.store.unsettled = 3
    runner = bench.runner()

    runner.run(after(6))
    assert bench.store.unsettled <= 0
    bench.store.unsettled = 2
    runner = bench.runner()
    runner.step()
    runner.step()

    assert bench.store.unsettled == 0


def test_settling_does_not_wait_for_idle_time(bench: Bench) -> None:
    for number in range(30):
        bench.log.add(b"%d" % number)
    bench.store.unsettled = 2
    runner = bench.runner(Pace(max_records=10))

    runner.step()
    assert bench.store.unsettled == 2
    bench.clock.advance(1)
    runner.step()
    assert bench.store.unsettled == 1


POINTS = [
    ("sink.batch_read", 0),
    ("sink.offsets_committed", 3),
]


@pytest.mark.parametrize(("point", "position"), POINTS)
def test_after_a_crash_nothing_is_lost_and_nothing_acknowledged_too_early(
    bench: Bench, point: str, position: int
) -> None:
    for number in range(3):
        bench.log.add(b"%d" % number)

    def end(visited: str) -> None:
        if visited == point:
            raise Killed

    crashpoints.arm(end)
    with pytest.raises(Killed):
        bench.runner().run(after(1))

    assert dict(bench.store.positions()).get(AT, 0) == position
    assert bench.log.committed.get(AT, 0) <= position


def test_changes_are_measured_from_publishing_unless_they_waited_for_this_run(
    bench: Bench,
) -> None:
    runner = bench.runner()
    now = bench.clock.epoch_ms()
    before = sample("recordbus_end_to_end_seconds_count", sink="store") or 0
    total = sample("recordbus_end_to_end_seconds_sum", sink="store") or 0
    bench.log.add(b"old", timestamp_ms=now - 1000)
    bench.log.add(b"new", timestamp_ms=now)
    bench.clock.advance(0.25)

    runner.step()

    assert sample("recordbus_end_to_end_seconds_count", sink="store") == before + 1
    assert sample("recordbus_end_to_end_seconds_sum", sink="store") == pytest.approx(total + 0.25)


def test_lag_is_told_in_records_and_in_seconds(bench: Bench) -> None:
    now = bench.clock.epoch_ms()
    bench.log.add(b"a", timestamp_ms=now)
    for _ in range(9):
        bench.log.add(b"b", timestamp_ms=now)
    runner = bench.runner(Pace(max_records=1))
    bench.clock.advance(30)

    runner.step()

    labels = {"group": "recordbus-index"}
    assert sample("recordbus_consumer_lag_records", topic="records.v1", **labels) == 9
    assert sample("recordbus_consumer_lag_seconds", **labels) == pytest.approx(30)
    runner = bench.runner()
    runner.step()
    bench.clock.advance(30)
    runner.step()
    assert sample("recordbus_consumer_lag_records", topic="records.v1", **labels) == 0
    assert sample("recordbus_consumer_lag_seconds", **labels) == 0


def test_lag_of_messages_that_nobody_published_is_told_by_when_they_were_written(
    bench: Bench,
) -> None:
    now = bench.clock.epoch_ms()
    for _ in range(3):
        bench.log.add(b"a", timestamp_ms=now)
    unpublished = lambda message: decode(message)._replace(published_us=None)  # noqa: E731
    runner = Runner(
        bench.log, bench.store, unpublished, bench.aside, bench.clock, Pace(max_records=1)
    )
    bench.clock.advance(30)

    runner.step()

    seconds = sample("recordbus_consumer_lag_seconds", group="recordbus-index")
    assert seconds == pytest.approx(30)


def test_what_says_nothing_to_the_sink_is_passed_over_without_decoding(bench: Bench) -> None:
    for key, value in ((b"skip/1", b"bad"), (b"a", b"v"), (b"skip/2", b"bad"), (b"b", b"bad")):
        bench.log.add(key, value)
    runner = Runner(
        bench.log, bench.store, decode, bench.aside, bench.clock, None,
        lambda message: (message.key or b"").startswith(b"skip/"),
    )  # fmt: skip

    runner.step()

    assert list(bench.store.kept) == [b"a"]
    assert bench.aside.reasons == [(3, "truncated")]
    assert bench.store.progress[AT].next_offset == 4


def test_what_became_of_changes_is_counted(bench: Bench) -> None:
    bench.log.add(b"a")
    bench.log.add(b"b", b"bad")
    labels = {"sink": "store"}
    stored = sample("recordbus_sink_changes_total", outcome="stored", **labels) or 0
    aside = sample("recordbus_sink_changes_total", outcome="quarantined", **labels) or 0

    bench.runner().step()

    assert sample("recordbus_sink_changes_total", outcome="stored", **labels) == stored + 1
    assert sample("recordbus_sink_changes_total", outcome="quarantined", **labels) == aside + 1
