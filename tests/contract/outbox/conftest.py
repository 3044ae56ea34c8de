"""An outbox in each database, written as a department's own system would write it."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from producers.connectors.outbox import Outbox, ddl
from producers.connectors.outbox.sqlite import SqliteOutbox


class System(Protocol):
    """A department's system: writes rows, opens relays."""

    def outbox(self) -> Outbox: ...
    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]: ...


class SqliteSystem:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.opened: list[Outbox] = []
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.executescript(ddl("sqlite"))

    def outbox(self) -> Outbox:
        self.opened.append(SqliteOutbox(self.path, sleep=lambda _seconds: None))
        return self.opened[-1]

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        return self.database.execute(statement, values).fetchall()

    def close(self) -> None:
        for each in self.opened:
            each.close()
        self.database.close()


class PostgresSystem:
    def __init__(self, address: str) -> None:
        import psycopg

        self.name = f"s{uuid.uuid4().hex[:12]}"
        self.address = f"{address}&options=-csearch_path%3D{self.name}"
        self.opened: list[Outbox] = []
        self.database: psycopg.Connection[Any] = psycopg.connect(self.address, autocommit=True)
        self.database.execute(f"CREATE SCHEMA {self.name}".encode())
        self.database.execute(ddl("postgres").encode())

    def outbox(self) -> Outbox:
        from producers.connectors.outbox.postgres import PostgresOutbox

        self.opened.append(PostgresOutbox(self.address))
        return self.opened[-1]

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        cursor = self.database.execute(statement.replace("?", "%s").encode(), values)
        return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        for each in self.opened:
            each.close()
        self.database.close()


@pytest.fixture
def postgres_system(postgres_address: str) -> Iterator[PostgresSystem]:
    system = PostgresSystem(postgres_address)
    yield system
    system.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.kafka)])
def system(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[System]:
    if request.param == "postgres":
        yield request.getfixturevalue("postgres_system")
        return
    made = SqliteSystem(tmp_path / "records.sqlite")
    yield made
    made.close()


def payload(record_id: str, text: str, **more: Any) -> str:
    """A record as the department hands it over, without a source_seq unless one is given."""
    return json.dumps(
        {
            "record_kind": "service_call",
            "recorded_at": "2026-01-02T03:04:05Z",
            "body": {
                "record_id": record_id,
                "narrative": text,
                "details": ["recordbus.v1.ServiceCallDetails", {}],
            },
            **more,
        }
    )


def write(system: System, record_id: str, text: str, **more: Any) -> None:
    """Write one row that publishes a record."""
    system.execute(
        "INSERT INTO recordbus_outbox(record_kind, record_id, payload)"
        " VALUES ('service_call', ?, ?)",
        (record_id, payload(record_id, text, **more)),
    )


def remove(system: System, verb: str, record_id: str, reason: str = "court_order") -> None:
    """Write one row that takes a record off the bus."""
    system.execute(
        "INSERT INTO recordbus_outbox(record_kind, record_id, verb, reason)"
        " VALUES ('service_call', ?, ?, ?)",
        (record_id, verb, reason),
    )


def states(system: System) -> dict[str, int]:
    """Rows by state."""
    found = system.execute("SELECT state, count(*) FROM recordbus_outbox GROUP BY state")
    return {str(state): int(count) for state, count in found}
