"""Pytest fixtures for tests on a real Kafka, a real registry and a real PostgreSQL.

It imports the servers only when a test asks for one, so that unit tests stay quick.
One pair of servers for a session (with xdist: for each worker that runs a test with them, so that
no two share state); tests keep apart by names of their own. A test that harms a server takes
`own_servers`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from recordbus.kafka.connection import Connection
    from recordbus.kafka.registry import SchemaRegistry
    from recordbus.local.servers import LocalServers

NeedsServers: Final = frozenset({"local_servers", "own_servers", "postgres_address"})
TopicNames = Callable[[str], str]
MakeTopic = Callable[..., str]

# What takes minutes on a broker with ordinary settings is over within a test.
QUICK: Final[Mapping[str, str]] = {
    "log.cleaner.backoff.ms": "200",
    "log.retention.check.interval.ms": "500",
    "log.initial.task.delay.ms": "100",
    "log.segment.delete.delay.ms": "100",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that needs a server as `kafka`."""
    for item in items:
        if NeedsServers & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.kafka)


@pytest.fixture(scope="session")
def local_servers() -> Iterator[LocalServers]:
    """Give the session's Kafka and registry; do not stop them in a test."""
    from recordbus.local.servers import LocalServers

    with LocalServers(kafka_overrides=QUICK) as servers:
        yield servers


@pytest.fixture
def own_servers() -> Iterator[LocalServers]:
    """Give a Kafka and a registry that the test may kill."""
    from recordbus.local.servers import LocalServers

    with LocalServers(kafka_overrides=QUICK) as servers:
        yield servers


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    """Give the address of the session's PostgreSQL; tests keep apart by schemas of their own."""
    from recordbus.testing.postgres import running_postgres

    with running_postgres() as address:
        yield address


@pytest.fixture
def kafka_connection(local_servers: LocalServers) -> Connection:
    """Give a connection to the session's broker."""
    return local_servers.connection


@pytest.fixture
def schema_registry(local_servers: LocalServers) -> Iterator[SchemaRegistry]:
    """Give a client of the session's registry."""
    registry = local_servers.schema_registry()
    yield registry
    registry.close()


@pytest.fixture
def topic_names() -> TopicNames:
    """Give a function that makes names nobody else uses: `topic_names("records")`."""

    def unique(stem: str) -> str:
        return f"{stem}.{uuid.uuid4().hex[:12]}"

    return unique


@pytest.fixture
def make_topic(local_servers: LocalServers, topic_names: TopicNames) -> Iterator[MakeTopic]:
    """Give a function that creates a topic of a unique name and gives the name.

    `make_topic("records", partitions=2, **{"cleanup.policy": "compact"})`; gone after the test.
    """
    from recordbus.kafka.admin import Admin
    from recordbus.kafka.topics import Topic

    admin = Admin(local_servers.connection)
    made: list[str] = []

    def make(stem: str, partitions: int = 1, **config: str) -> str:
        name = topic_names(stem)
        admin.apply_topics([Topic(name, partitions, config=config)])
        made.append(name)
        return name

    yield make
    admin.delete_topics(made)
