"""What only PostgreSQL does: transactions that become visible late, and waking a relay."""

from __future__ import annotations

import threading
import time
from typing import Any

import psycopg
import pytest

from producers.connectors.outbox import Settled
from recordbus.errors import Retryable
from recordbus.testing.clock import EPOCH

from .conftest import PostgresSystem, payload, write

INSERT = (
    "INSERT INTO recordbus_outbox(record_kind, record_id, payload)"
    " VALUES ('service_call', %s, %s) RETURNING id"
)


def inserted(database: psycopg.Connection[Any], name: str) -> int:
    row = database.execute(INSERT, (name, payload(name, "text"))).fetchone()
    assert row is not None
    return int(row[0])


def test_a_row_that_became_visible_late_is_not_skipped(postgres_system: PostgresSystem) -> None:
    """A lower id whose transaction commits after a higher one was published comes in its turn."""
    outbox = postgres_system.outbox()
    with psycopg.connect(postgres_system.address) as slow:
        late = inserted(slow, "LATE")
        with psycopg.connect(postgres_system.address) as quick:
            early = inserted(quick, "EARLY")
        assert late < early
        seen = outbox.read(10)
        assert [row.id for row in seen] == [early]
        outbox.settle(Settled(published=[early]), EPOCH)
        assert outbox.read(10) == []
    assert [row.id for row in outbox.read(10)] == [late]


def test_a_relay_that_remembered_its_place_would_lose_that_row(
    postgres_system: PostgresSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test before this one bites: with the planted bug `id > last seen`, a row is lost."""
    from producers.connectors.outbox import postgres

    planted = postgres._READ.replace("o.state = 'waiting' AND", "o.id > {last} AND")
    assert planted != postgres._READ
    outbox = postgres_system.outbox()
    with psycopg.connect(postgres_system.address) as slow:
        inserted(slow, "LATE")
        with psycopg.connect(postgres_system.address) as quick:
            early = inserted(quick, "EARLY")
        monkeypatch.setattr(postgres, "_READ", planted.format(last=0))
        assert [row.id for row in outbox.read(10)] == [early]
    monkeypatch.setattr(postgres, "_READ", planted.format(last=early))
    assert outbox.read(10) == []


def test_a_rolled_back_row_was_never_there(postgres_system: PostgresSystem) -> None:
    outbox = postgres_system.outbox()
    with psycopg.connect(postgres_system.address) as slow:
        inserted(slow, "GONE")
        slow.rollback()
        kept = inserted(slow, "KEPT")
    assert [row.id for row in outbox.read(10)] == [kept]


def test_many_writers_at_once_are_all_published(postgres_system: PostgresSystem) -> None:
    """Interleaved transactions: whatever commits while batches go out is found."""
    outbox = postgres_system.outbox()
    written: list[int] = []
    lock = threading.Lock()

    def system(number: int) -> None:
        with psycopg.connect(postgres_system.address) as database:
            for turn in range(25):
                first = inserted(database, f"{number}-{turn}")
                second = inserted(database, f"{number}-{turn}-b")
                if turn % 5 == 4:
                    database.rollback()
                    continue
                database.commit()
                with lock:
                    written.extend((first, second))

    writers = [threading.Thread(target=system, args=(n,)) for n in range(4)]
    published: list[int] = []
    with psycopg.connect(postgres_system.address) as slow:
        slowest = inserted(slow, "SLOW")
        for writer in writers:
            writer.start()
        while any(writer.is_alive() for writer in writers) or outbox.backlog().waiting:
            ids = [row.id for row in outbox.read(7)]
            outbox.settle(Settled(published=ids), EPOCH)
            published += ids
            if ids and slowest not in written:
                slow.commit()
                written.append(slowest)
    assert sorted(published) == sorted(written)
    assert published.index(slowest) > 0, "nothing overtook the slow transaction"


def test_a_commit_wakes_the_relay(postgres_system: PostgresSystem) -> None:
    outbox = postgres_system.outbox()
    assert outbox.read(1) == []
    waited: list[float] = []

    def wait() -> None:
        began = time.monotonic()
        outbox.wait(20)
        waited.append(time.monotonic() - began)

    waiter = threading.Thread(target=wait)
    waiter.start()
    write(postgres_system, "A", "one")
    waiter.join(30)
    assert waited[0] < 15


def test_a_commit_before_the_wait_is_not_slept_over(postgres_system: PostgresSystem) -> None:
    outbox = postgres_system.outbox()
    assert outbox.read(1) == []
    write(postgres_system, "A", "one")
    assert outbox.backlog().waiting == 1
    began = time.monotonic()
    outbox.wait(20)
    assert time.monotonic() - began < 15


def test_a_lost_connection_is_retryable_and_the_next_call_connects(
    postgres_system: PostgresSystem,
) -> None:
    outbox = postgres_system.outbox()
    assert outbox.lease()
    postgres_system.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'recordbus outbox relay'"
    )
    write(postgres_system, "A", "one")
    with pytest.raises(Retryable, match="away"):
        outbox.read(1)
    assert len(outbox.read(1)) == 1
    assert outbox.lease()
