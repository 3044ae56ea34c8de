"""A stage as a Faust application: Faust says which partitions are ours, the runtime does the rest.

Invariant: the application ends in one of two ways. In order: what was begun is committed and
acknowledged, then the group is left. Or at once, acknowledging nothing more, after a failed
transaction, a lost lease or a stall; the supervisor starts it again, and it goes on from what
its transactions committed.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, time
from typing import Any, Final

import faust

from recordbus import metrics
from recordbus.errors import Retryable
from recordbus.kafka.connection import Connection
from recordbus.logs import logger
from streams.faust_patches import FAUST_LOG, StageBoot, StageTables, StageTransport
from streams.runtime.ending import ORDERLY_SECONDS, no_longer_than
from streams.runtime.watchdog import Watchdog
from streams.runtime.worker import StageWorker

_LOOK_SECONDS: Final = 2.0
_REBALANCE_TIMEOUT_SECONDS: Final = 30.0
_REQUEST_TIMEOUT_SECONDS: Final = 60.0
_METADATA_AGE_MS: Final = 60_000

_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Membership:
    """How a worker takes part in its group, and how it fetches."""

    partitions: int
    session_timeout_seconds: float = 10.0
    standby_replicas: int = 0
    instance_id: str | None = None
    commit_interval_seconds: float = 1.0
    fetch_pace_seconds: float = 0.025
    fetch_wait_ms: int = 500
    patience_seconds: float = 60.0


class StageApp(faust.App):
    """The Faust application of one stage, in one process."""

    BootStrategy = StageBoot
    logger = FAUST_LOG

    def __init__(
        self,
        worker: StageWorker,
        connection: Connection,
        membership: Membership,
        directory: Path,
        leave: Callable[[str], None],
    ) -> None:
        super().__init__(
            f"recordbus-{worker.stage.name}",
            datadir=str(directory),
            TableManager=StageTables,
            **_faust_settings(connection, membership),
        )
        self.partitions = worker
        self._fetch_pace_seconds = membership.fetch_pace_seconds
        self.fetch_wait_ms = membership.fetch_wait_ms
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.patience_seconds = membership.patience_seconds
        self._leave = leave
        self._subscribe(membership.partitions)

    @property
    def fetch_pace_seconds(self) -> float:
        """Give how far fetches are apart: as batches are, but no closer than the settings say."""
        return max(self._fetch_pace_seconds, self.partitions.seconds_apart)

    def leave(self, why: str) -> None:
        """End at once."""
        self._leave(why)

    def failed(self, error: BaseException) -> None:
        """End in order because of `error`, unless ending at once is what it calls for."""
        if isinstance(error, (Retryable, Stalled)):
            self._leave(str(error))
        elif not self.ended.done():
            self.ended.set_exception(error)

    def finish(self) -> None:
        """Ask for an orderly end."""
        if not self.ended.done():
            self.ended.set_result(None)

    async def crash(self, reason: BaseException) -> None:
        """Take over what Faust calls a crash of one of its parts."""
        self.failed(reason)
        await super().crash(reason)

    def lag(self) -> dict[str, int]:
        """Count, per source topic, the messages that are committed there and not handled here.

        Empty while the partitions are moving. Any thread may ask.
        """
        consumer: Any = self.consumer
        if self.rebalancing or consumer.is_gone:
            return {}
        waiting = dict.fromkeys(self.partitions.stage.sources, 0)
        for tp in consumer.assignment():
            if tp.topic in waiting:
                waiting[tp.topic] += consumer.behind(tp)
        for topic, count in self.partitions.backlog_by_topic().items():
            waiting[topic] += count
        return waiting

    def _new_transport(self) -> Any:
        return StageTransport(self.conf.broker_consumer, self)

    def _subscribe(self, partitions: int) -> None:
        self.Table("state", key_type=bytes, value_type=bytes, partitions=partitions)
        for source in self.partitions.stage.sources:
            self.topics.add(self.topic(source, key_type=bytes, value_type=bytes))


async def run(app: StageApp) -> None:
    """Run until `app.finish` is called or something fails; raises what failed."""
    watch = _Watch(app)
    watch.start()
    start = asyncio.get_running_loop().create_task(app.start())
    try:
        await asyncio.wait({app.ended, start}, return_when=asyncio.FIRST_COMPLETED)
        if start.done():
            start.result()
        await app.ended
    finally:
        watch.stop()
        with no_longer_than(ORDERLY_SECONDS, app.leave):
            await app.stop()
        start.cancel()


class _Watch:
    """Counts the lag, and ends the worker when it stands still while messages wait.

    In a thread of its own: a handle that hangs holds the event loop up.
    """

    def __init__(self, app: StageApp) -> None:
        self._app = app
        self._watchdog = Watchdog(app.patience_seconds, monotonic())
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(_LOOK_SECONDS):
            self._look()

    def _look(self) -> None:
        app = self._app
        lag = app.lag()
        group = app.conf.id
        for topic, count in lag.items():
            metrics.CONSUMER_LAG_RECORDS.labels(group, topic).set(count)
        oldest_ms = app.partitions.oldest_timestamp_ms
        age_seconds = 0.0 if oldest_ms is None else max(0.0, time() - oldest_ms / 1000)
        metrics.CONSUMER_LAG_SECONDS.labels(group).set(age_seconds)
        if self._watchdog.is_stalled(
            monotonic(),
            app.partitions.done,
            behind=any(lag.values()),
            excused=app.partitions.is_paused or app.rebalancing,
        ):
            app.failed(Stalled(group, sum(lag.values())))


class Stalled(Exception):
    """The worker stood still while messages waited."""

    def __init__(self, group: str, waiting: int) -> None:
        super().__init__(f"{group} finished nothing for too long while {waiting} messages waited")


def _faust_settings(connection: Connection, membership: Membership) -> dict[str, Any]:
    servers = connection.bootstrap_servers.split(",")
    return {
        "broker": [f"kafka://{server.strip()}" for server in servers],
        "broker_credentials": _credentials(connection),
        "broker_client_id": connection.client_id,
        "broker_session_timeout": membership.session_timeout_seconds,
        "broker_heartbeat_interval": min(3.0, membership.session_timeout_seconds / 3),
        "broker_rebalance_timeout": _REBALANCE_TIMEOUT_SECONDS,
        "broker_request_timeout": _REQUEST_TIMEOUT_SECONDS,
        "broker_commit_interval": membership.commit_interval_seconds,
        "consumer_auto_offset_reset": "earliest",
        "consumer_group_instance_id": membership.instance_id,
        "consumer_metadata_max_age_ms": _METADATA_AGE_MS,
        "table_standby_replicas": membership.standby_replicas,
        "stream_wait_empty": True,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "key_serializer": "raw",
        "value_serializer": "raw",
        "store": "memory://",
        "web_enabled": False,
    }


def _credentials(connection: Connection) -> Any:
    """Give what Faust calls credentials; None for a plain connection."""
    protocol = connection.security_protocol
    context = None
    if protocol.endswith("SSL"):
        context = ssl.create_default_context(cafile=connection.ssl_ca_location)
        if connection.ssl_certificate_location:
            context.load_cert_chain(
                connection.ssl_certificate_location,
                connection.ssl_key_location,
                connection.ssl_key_password,
            )
    if protocol.startswith("SASL"):
        return faust.SASLCredentials(
            username=connection.sasl_username,
            password=connection.sasl_password,
            mechanism=connection.sasl_mechanism,
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if context is not None else None
