"""Faust's consumer and table recovery, changed where a stage needs them otherwise.

Faust keeps group membership, assignment, standby placement, offset commits and life cycle. Here
its consumer hands fetched batches to the stage instead of single messages to agents, commits the
offsets that the stage says are committed, and reads committed messages only; and its recovery
lets the stage fence and restore. All of it leans on private parts of the two pinned libraries, so
other versions are refused; `tests/integration/stage` shows that nothing is lost with these.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple, Protocol

import aiokafka  # type: ignore[import-untyped]
import faust
from aiokafka.consumer import fetcher  # type: ignore[import-untyped]
from faust.app.base import BootStrategy
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from mode import Service

from recordbus.crashpoints import crashpoint
from recordbus.errors import Misconfigured
from streams.runtime.requests_apart import RequestsApart
from streams.runtime.restore import Abandoned

PROVEN: Final = {"faust-streaming": "0.15.3", "aiokafka": "0.14.0"}
FAUST_LOG: Final = logging.getLogger("faust")
_FETCH_TIMEOUT_SECONDS: Final = 0.5
TAKEN_OVER_SECONDS: Final = 2.0

found = {"faust-streaming": faust.__version__, "aiokafka": aiokafka.__version__}
if found != PROVEN:
    raise Misconfigured(
        f"the stages run on {PROVEN} only, not on {found}",
        hint="install the versions of requirements/lock.txt",
    )


class Fetched(NamedTuple):
    """A message as the stage reads it: what aiokafka's own record has besides is never used."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Any


class LeanRecords(fetcher.PartitionRecords):  # type: ignore[misc]
    """The records of one fetch; making them is a large part of what a fetch costs."""

    def _consumer_record(self, tp: Any, record: Any) -> Fetched:
        return _make(
            Fetched,
            (tp.topic, tp.partition, record.offset, record.timestamp, record.key, record.value,
             record.headers),
        )  # fmt: skip


_make = tuple.__new__
fetcher.PartitionRecords = LeanRecords


class Partitions(Protocol):
    """The stage's side: what Faust's parts ask of it, and tell it."""

    def has_room(self, partition: int) -> bool: ...
    def offer(self, partition: int, messages: Any) -> None: ...
    def committed(self) -> Mapping[tuple[str, int], int]: ...
    def begin(self, active: frozenset[int], unwanted: Any) -> Mapping[tuple[str, int], int]: ...
    def keep(self, partitions: frozenset[int]) -> None: ...
    def follow(self, partitions: Iterable[int]) -> None: ...
    def start(self) -> None: ...
    async def stop(self) -> None: ...
    def give_up(self) -> None: ...


class Host(Protocol):
    """The application that these parts belong to."""

    partitions: Partitions
    fetch_wait_ms: int

    @property
    def fetch_pace_seconds(self) -> float: ...

    def failed(self, error: BaseException) -> None: ...


class StageConsumerThread(driver.AIOKafkaConsumerThread):
    """The thread that talks to the group and fetches."""

    logger = FAUST_LOG

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust offers neither setting without its own exactly-once mode, which loses messages.
        consumer._isolation_level = "read_committed"  # noqa: SLF001
        consumer._fetch_max_wait_ms = _host(self.app).fetch_wait_ms  # noqa: SLF001
        return consumer

    async def on_start(self) -> None:
        """Begin to fetch, and never ask for some partitions while others wait to be taken over.

        Such a request keeps the connection for as long as those have nothing new, and what is
        new elsewhere waits for it: half a second, whenever a handle was at work for a while.
        """
        await super().on_start()
        host, fetcher = _host(self.app), self._ensure_consumer()._fetcher  # noqa: SLF001
        fetcher._prefetch_backoff = TAKEN_OVER_SECONDS  # noqa: SLF001
        fetcher._proc_fetch_request = RequestsApart(  # noqa: SLF001
            fetcher._proc_fetch_request,  # noqa: SLF001
            lambda: host.fetch_pace_seconds,
            self.thread_loop.time,
        )

    async def pause_for_good(self, partitions: Iterable[TP]) -> None:
        """Never fetch these: changelogs are read by the stage's own reader."""
        theirs = [aiokafka.TopicPartition(tp.topic, tp.partition) for tp in partitions]
        await self.call_thread(self._ensure_consumer().pause, *theirs)

    def on_crash(self, msg: str, *fmt: Any, **kwargs: Any) -> None:
        """Say nothing: whoever runs the application is told by an exception."""

    @property
    def is_gone(self) -> bool:
        """Tell whether the thread was never started, or has ended."""
        return self._consumer is None or not self.thread_loop.is_running()

    def behind(self, tp: TP) -> int:
        """Count the messages between what was fetched and what is committed in a partition."""
        consumer = self._ensure_consumer()
        subscription = consumer._subscription.subscription  # noqa: SLF001
        if subscription is None or subscription.assignment is None:
            return 0
        assignment = subscription.assignment
        state = assignment.state_value(aiokafka.TopicPartition(tp.topic, tp.partition))
        if state is None or not state.has_valid_position or state.lso is None:
            return 0
        return max(0, int(state.lso) - int(state.position))


class StageConsumer(driver.Consumer):
    """Fetches for the stage, acknowledges for the stage."""

    logger = FAUST_LOG

    _acknowledged: dict[tuple[str, int], int]

    def _new_consumer_thread(self) -> StageConsumerThread:
        self._acknowledged = {}
        return StageConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def _drain_messages(self, fetcher: Any) -> None:
        """Hand over what was fetched as soon as it is there, for the partitions that have room."""
        host = _host(self.app)
        partitions = host.partitions
        while not (self.should_stop or fetcher.should_stop):
            if not self.flow_active:
                await self.can_resume_flow.wait()
                continue
            began = self.loop.time()
            wanted = {
                tp for tp in self._get_active_partitions() if partitions.has_room(tp.partition)
            }
            if not (wanted and await self._fetch(partitions, wanted)):
                await self._hold_pace(began + host.fetch_pace_seconds)

    async def _hold_pace(self, until: float) -> None:
        left_seconds = until - self.loop.time()
        await asyncio.sleep(max(0.0, left_seconds))

    async def _fetch(self, partitions: Partitions, wanted: set[TP]) -> bool:
        """Wait for messages and hand them over; tells whether there were any."""
        generation = self.app.consumer_generation_id
        self.not_waiting_next_records.clear()
        try:
            records = await self._getmany(wanted, _FETCH_TIMEOUT_SECONDS)
        finally:
            self.not_waiting_next_records.set()
        if self.flow_active and generation == self.app.consumer_generation_id:
            for tp, messages in records.items():
                partitions.offer(tp.partition, messages)
        return bool(records)

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:  # noqa: ARG002
        """Acknowledge to the group what the stage's transactions have committed."""
        if self.is_gone or await self.maybe_wait_for_commit_to_finish():
            return False
        assigned = {(tp.topic, tp.partition) for tp in self.assignment()}
        news = {
            at: offset
            for at, offset in _host(self.app).partitions.committed().items()
            if at in assigned and self._acknowledged.get(at) != offset
        }
        if not news:
            return False
        done = await self._commit({TP(*at): offset for at, offset in news.items()})
        if done:
            self._acknowledged.update(news)
            crashpoint("offsets.acknowledged")
        return done

    async def wait_empty(self) -> None:
        """Let the stage finish and acknowledge what it has begun, then give its partitions up."""
        partitions = _host(self.app).partitions
        await partitions.stop()
        await self.commit()
        partitions.give_up()
        self._acknowledged.clear()

    @property
    def is_gone(self) -> bool:
        """Tell whether nobody talks to the group, yet or any more."""
        thread: Any = self._thread
        return bool(thread.is_gone)

    def behind(self, tp: TP) -> int:
        """Count the messages of a partition that were not fetched yet."""
        thread: Any = self._thread
        return int(thread.behind(tp))


class StageTransport(driver.Transport):
    """Faust's Kafka transport with the stage's consumer."""

    Consumer = StageConsumer


class StageRecovery(Recovery):
    """Faust's recovery, in which the stage does the restoring.

    The source flow stays stopped from the rebalance until the stage has fenced, restored, and
    said where to read on.
    """

    logger = FAUST_LOG

    @Service.task
    async def _slurp_changelogs(self) -> None:
        """Read nothing: Faust's own changelog reader is not used."""

    @Service.task
    async def _restart_recovery(self) -> None:
        while not self.should_stop:
            wanted: Any = self.signal_recovery_start
            if await self.wait_for_stopped(wanted):
                return
            self.signal_recovery_start.clear()
            try:
                await self._recover(self._generation_id)
            except Abandoned:
                continue
            except Exception as error:  # noqa: BLE001 - the stage decides how the worker ends
                _host(self.app).failed(error)
                return

    async def _recover(self, generation: int) -> None:
        partitions = _host(self.app).partitions
        active = frozenset(tp.partition for tp in self.active_tps)
        standby = frozenset(tp.partition for tp in self.standby_tps) - active
        changelogs = self.active_tps | self.standby_tps

        def unwanted() -> bool:
            moved_on = generation != self.app.consumer_generation_id
            return self.should_stop or self.signal_recovery_start.is_set() or moved_on

        self._set_recovery_started()
        await partitions.stop()
        partitions.give_up()
        offsets = await self.loop.run_in_executor(
            None, _restored, partitions, active, active | standby, unwanted
        )
        if unwanted():
            raise Abandoned
        self._set_recovery_ended()
        await self._resume_from(offsets, changelogs)
        partitions.start()
        partitions.follow(standby)

    async def _resume_from(
        self, offsets: Mapping[tuple[str, int], int], changelogs: set[TP]
    ) -> None:
        """Let the source flow again, from exactly these offsets."""
        app = self.app
        consumer: Any = app.consumer
        await app.on_rebalance_complete.send()
        consumer.stop_flow()
        await consumer.wait_for_stopped_flow()
        await consumer._thread.pause_for_good(changelogs)  # noqa: SLF001
        await consumer.seek_wait({TP(*at): offset for at, offset in offsets.items()})
        consumer.resume_partitions({TP(*at) for at in offsets})
        self.completed.set()
        app.flow_control.resume()
        consumer.resume_flow()
        await app._fetcher.maybe_start()  # type: ignore[attr-defined]  # noqa: SLF001
        self.tables.on_actives_ready()
        self.tables.on_standbys_ready()
        app.on_rebalance_end()


def _restored(
    partitions: Partitions, active: frozenset[int], held: frozenset[int], unwanted: Any
) -> Mapping[tuple[str, int], int]:
    partitions.keep(held)
    return partitions.begin(active, unwanted)


class StageTables(TableManager):
    """Faust's tables, of which a stage has one: so that its changelog is assigned with its log."""

    logger = FAUST_LOG

    @property
    def recovery(self) -> Recovery:
        """Give the one recovery, which restores through the stage."""
        if self._recovery is None:
            self._recovery = StageRecovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return self._recovery

    async def on_start(self) -> None:
        """Start at once: the stage's table is there before the application starts."""
        if not self.should_stop:
            await self._update_channels()
            await self.recovery.start()


class StageBoot(BootStrategy):
    """Starts neither Faust's producer nor its web server: a stage writes by itself."""

    enable_kafka_producer = False
    enable_web = False


def _host(app: Any) -> Host:
    host: Host = app
    return host
