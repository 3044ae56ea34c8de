"""The worker that keeps subscribers' copies right, and what looks after its ledger."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Final

from consumers.feeds.channels.surroundings import Surroundings
from consumers.feeds.dispatcher import Dispatcher
from consumers.feeds.ledger.ledger import Ledger
from consumers.feeds.making import Channels
from consumers.feeds.registering import Registrar
from consumers.feeds.saying import decoders_of, reader, remembering, topics
from consumers.feeds.sink import FeedSink
from consumers.feeds.threads import Threads
from consumers.quarantine import KafkaQuarantine
from consumers.runner import Pace, Runner, start_positions
from consumers.search.indexer import written_by_us
from consumers.sink import TopicPartition
from recordbus.audit.assembly import open_audit
from recordbus.clock import SystemClock
from recordbus.ids import UuidSource
from recordbus.kafka.codec import Decoder
from recordbus.kafka.connection import Connection
from recordbus.kafka.consumer import GroupConsumer
from recordbus.kafka.message import Message
from recordbus.kafka.producer import IdempotentProducer
from recordbus.kafka.registry import SchemaRegistry
from recordbus.policy.store import PolicyStore
from recordbus.settings import Settings

GROUP: Final = "recordbus-feeds"
_PACE: Final = Pace(max_records=1000, gather_ms=20, idle_seconds=0.05, settle_seconds=0.05)
_TURN_SECONDS: Final = 0.0005
"""How long a sender may keep the interpreter from the thread that everything waits for.

That thread gives it up with every statement of the ledger, and has to wait for its turn each time.
"""


def run_feeds(
    settings: Settings, connection: Connection, registry: SchemaRegistry,
    should_stop: Callable[[], bool],
) -> None:  # fmt: skip
    """Tell subscribers what changes until told to stop.

    Raises Misconfigured while another process sends from the same ledger, and Retryable when the
    broker or the audit is away: then nothing is sent, and a new run goes on from the ledger.
    """
    clock, path = SystemClock(), settings.ledger_path()
    sys.setswitchinterval(_TURN_SECONDS)
    with ExitStack() as opened:
        identity = opened.enter_context(written_by_us(path))
        audit = opened.enter_context(open_audit(settings))
        threads = Threads()
        channels = Channels(Surroundings(clock, settings, connection, registry))
        opened.callback(channels.close)
        opened.callback(threads.close)
        read = topics(designations=settings.stage.designations)
        decoders = remembering(_decoders(registry, read))
        ledger = Ledger(path, decoders_of(decoders))
        policies = PolicyStore.from_settings(settings, clock)
        dispatcher = Dispatcher(
            ledger, policies.policies, lambda found: channels.of(found.subscription), threads,
            audit, clock, UuidSource(), source=settings.feeds.source,
            schedule_scale=settings.feeds.schedule_scale,
        )  # fmt: skip
        sink = FeedSink(ledger, dispatcher, policies.policies, clock)

        def start(partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
            return start_positions(sink, partitions)

        source = GroupConsumer(
            connection, GROUP, tuple(decoders), on_assign=start, instance_id=f"feeds-{identity}"
        )
        quarantine = KafkaQuarantine(IdempotentProducer(connection), registry, "feeds", _nobody)
        Runner(source, sink, reader(decoders), quarantine, clock, _PACE).run(should_stop)


def open_registrar(settings: Settings, stack: ExitStack) -> Registrar:
    """Give what registers subscriptions in the ledger of these settings, open within `stack`."""
    clock = SystemClock()
    ledger = Ledger(settings.ledger_path(), {})
    stack.callback(ledger.close)
    policies = PolicyStore.from_settings(settings, clock).policies()
    audit = stack.enter_context(open_audit(settings))
    return Registrar(ledger, policies, audit, clock, UuidSource())


def _decoders(
    registry: SchemaRegistry, read: Iterable[str]
) -> dict[str, Callable[[bytes | None], object]]:
    return {topic: Decoder(registry, f"{topic}-value").decode for topic in read}


def _nobody(_message: Message) -> None:
    """Name no department: what feeds set aside is the bus's own."""
