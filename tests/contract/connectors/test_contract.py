"""What every connector must do, whatever a department's system looks like.

A connector joins by a fixture parameter that gives its `Rig`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest

from producers.connectors.csv_snapshot import DifferState, Options, publish_snapshot
from producers.mapping import load
from producers.publisher import Owner, Publisher
from recordbus.errors import Retryable
from recordbus.testing.clock import ManualClock

CONTACT = {"unit": "Records", "phone": None, "email": None}
SYSTEM = {"1": "one", "2": "two", "3": "three"}


class Broker:
    """Holds what was acknowledged; while `away`, every wait for acknowledgement fails."""

    def __init__(self) -> None:
        self.held: list[Mapping[str, Any]] = []
        self.away = False
        self._waiting: list[tuple[Mapping[str, Any], Callable[..., None]]] = []

    def body(self, body: Mapping[str, Any] | None) -> bytes:
        return repr(body).encode()

    def encode(self, change: Mapping[str, Any], body: bytes) -> bytes:
        self._change = dict(change)
        return b"x"

    def produce(
        self, topic: str, key: bytes | None, value: bytes | None, *, on_delivery: Any
    ) -> None:
        self._waiting.append((self._change, on_delivery))

    def poll(self, timeout_seconds: float = 0.0) -> int:
        return 0

    def flush(self, timeout_seconds: float = 60.0) -> None:
        waiting, self._waiting = self._waiting, []
        if self.away:
            raise Retryable("the broker is away")
        for change, on_delivery in waiting:
            self.held.append(change)
            on_delivery(None, "t", 0, len(self.held))


class Rig(Protocol):
    """One connector beside a department's system: a table of numbers and texts."""

    broker: Broker

    def sync(self, system: Mapping[str, str]) -> Mapping[str, int]:
        """Bring the bus up to date; gives read, accepted, unchanged, duplicates, refused."""


class CsvRig:
    """The CSV snapshot connector."""

    mapping = """
mapping: test
title: Test
source: {withdraw_ratio: 1.0}
exports:
  calls:
    record_kind: service_call
    key: [NO]
    recorded_at: {column: AT, dates: ["%Y-%m-%d"]}
    body: {narrative: TEXT}
"""

    def __init__(self, folder: Path) -> None:
        self.broker = Broker()
        self._folder = folder
        self._clock = ManualClock()
        self._owner = Owner("test-pd", "ZZ0000100", "t", CONTACT, b"k" * 32)

    def sync(self, system: Mapping[str, str]) -> Mapping[str, int]:
        path = self._folder / "calls.csv"
        rows = [f"{number},2020-01-02,{text}" for number, text in system.items()]
        path.write_text("\n".join(["NO,AT,TEXT", *rows]) + "\n")
        export = load(self.mapping, name="test").exports["calls"]
        publisher = Publisher(self._owner, self.broker, self.broker, clock=self._clock)
        with DifferState(self._folder / "state.sqlite", self._clock) as state:
            options = Options(approve=True)
            account = publish_snapshot(
                export, path, self._owner, publisher, state, self._clock, options
            )
        return {
            "read": account.read,
            "accepted": account.accepted,
            "unchanged": account.unchanged,
            "duplicates": account.duplicates,
            "refused": account.refused.total(),
        }


@pytest.fixture(params=[CsvRig])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Rig:
    made: Rig = request.param(tmp_path)
    return made


def live(rig: Rig) -> dict[str, str]:
    newest: dict[str, Mapping[str, Any]] = {}
    for change in rig.broker.held:
        known = newest.get(change["record_key"])
        if known is None or change["source_seq"] > known["source_seq"]:
            newest[change["record_key"]] = change
    bodies = [change["body"] for change in newest.values() if change["status"] == "live"]
    return {body["record_id"]: body["narrative"] for body in bodies}


def test_the_bus_ends_as_the_system_is(rig: Rig) -> None:
    rig.sync(SYSTEM)
    assert live(rig) == SYSTEM
    changed = {"1": "one", "2": "changed", "4": "four"}
    rig.sync(changed)
    assert live(rig) == changed


def test_nothing_new_sends_nothing(rig: Rig) -> None:
    rig.sync(SYSTEM)
    sent = len(rig.broker.held)
    assert rig.sync(SYSTEM)["unchanged"] == 3
    assert len(rig.broker.held) == sent


def test_every_row_is_accounted_for(rig: Rig) -> None:
    rig.sync(SYSTEM)
    account = rig.sync(SYSTEM | {"2": "changed", "3": "x" * 70_000})
    assert account == {"read": 3, "accepted": 1, "unchanged": 1, "duplicates": 0, "refused": 1}


def test_the_sequence_of_a_record_only_rises(rig: Rig) -> None:
    for text in ("a", "b", "c"):
        rig.sync({"1": text})
    rig.sync({})
    rig.sync({"1": "d"})
    numbers = [change["source_seq"] for change in rig.broker.held]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 5


def test_a_removal_holds_nothing_of_the_record(rig: Rig) -> None:
    rig.sync({"1": "CANARY"})
    rig.sync({})
    removal = rig.broker.held[-1]
    assert (removal["status"], removal["body"]) == ("withdrawn", None)
    assert "CANARY" not in str(removal)


def test_a_broker_that_was_away_loses_nothing(rig: Rig) -> None:
    rig.broker.away = True
    with pytest.raises(Retryable):
        rig.sync(SYSTEM)
    rig.broker.away = False
    assert rig.sync(SYSTEM)["accepted"] == 3
    assert live(rig) == SYSTEM


def test_every_body_is_complete(rig: Rig) -> None:
    rig.sync(SYSTEM)
    for change in rig.broker.held:
        assert change["body"]["people"] == []
        assert change["body"]["details"][0] == "recordbus.v1.ServiceCallDetails"
        assert change["owner_ori"] == "ZZ0000100"
