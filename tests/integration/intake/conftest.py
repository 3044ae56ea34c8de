"""One bus for all tests of this folder; every test speaks of records of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from recordbus.local.servers import LocalServers
from recordbus.testing.pytest_plugin import QUICK
from tests.integration.intake.bus import Bus, Follower


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the bus."""
    for item in items:
        if "bus" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.kafka)


@pytest.fixture(scope="session")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bus]:
    """Give a bus with intake running; topic names are fixed, so its servers are its own."""
    with LocalServers(kafka_overrides=QUICK) as servers:
        running = Bus(servers, tmp_path_factory.mktemp("bus"))
        try:
            running.start()
            yield running
        finally:
            running.stop()


@pytest.fixture
def published(bus: Bus) -> Iterator[Follower]:
    follower = Follower(bus, "records.v1")
    yield follower
    follower.close()


@pytest.fixture
def quarantined(bus: Bus) -> Iterator[Follower]:
    follower = Follower(bus, "quarantine.v1")
    yield follower
    follower.close()
