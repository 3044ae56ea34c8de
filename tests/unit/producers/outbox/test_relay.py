"""F7 and the outbox's promise: committed rows reach the bus at least once, in order per record."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.connectors.outbox import STEPS, Row, Settled
from recordbus.crashpoints import crashpoint
from recordbus.errors import Retryable

from .conftest import Department


def test_rows_reach_the_bus_in_order_and_are_marked(department: Department) -> None:
    department.write("A", "one")
    department.write("B", "two")
    department.write("A", "three")
    department.remove("seal", "B")
    department.relayed()
    assert department.broker.live_texts() == {"A": "three"}
    assert department.states() == ["published"] * 4
    assert [change["source_seq"] for change in department.broker.held] == [1, 2, 3, 4]


def test_a_refused_row_does_not_hold_up_the_next(department: Department) -> None:
    department.write("A", "one")
    department.write("A", "two", dob="1990-01-01")
    department.write("A", "three")
    department.write("B", "four")
    department.relayed()
    assert department.broker.live_texts() == {"A": "three", "B": "four"}
    says = "dob: Extra inputs are not permitted"
    assert department.rows()[1] == (2, "refused", "invalid_record", says)


@pytest.mark.parametrize("batch_rows", [1, 100])
def test_content_after_a_refused_removal_waits_for_somebody(
    department: Department, batch_rows: int
) -> None:
    department.write("A", "one")
    department.remove("expunge", "A", reason=None)
    department.write("A", "two")
    department.write("B", "other")
    department.relayed(batch_rows)
    assert department.broker.live_texts() == {"A": "one", "B": "other"}
    assert department.states() == ["published", "refused", "waiting", "published"]
    department.database.execute(
        "UPDATE recordbus_outbox SET reason = 'court_order', state = 'waiting' WHERE id = 2"
    )
    department.relayed(batch_rows)
    assert department.states() == ["published"] * 4


def test_what_a_rolled_back_transaction_wrote_is_never_sent(department: Department) -> None:
    department.database.execute("BEGIN")
    department.write("GONE")
    department.database.execute("ROLLBACK")
    department.write("KEPT")
    department.relayed()
    assert set(department.broker.live_texts()) == {"KEPT"}


def test_a_failed_acknowledgement_leaves_the_row_waiting(department: Department) -> None:
    for name in "ABC":
        department.write(name)
    department.broker.takes = 2
    with department.relay() as relay, pytest.raises(Retryable):
        relay.round()
    assert department.states() == ["published", "published", "waiting"]
    department.broker.takes = None
    department.relayed()
    assert set(department.broker.live_texts()) == set("ABC")


def test_a_second_relay_stands_by(department: Department) -> None:
    department.write("A")
    with department.relay() as first, department.relay() as second:
        assert first.round().published == 1
        department.write("B")
        assert second.round().is_standby
        assert department.states() == ["published", "waiting"]
    department.relayed()
    assert department.states() == ["published"] * 2


@pytest.mark.parametrize("delivers", [True, False])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_nothing_is_lost_and_repeats_are_the_same_events(
    department: Department, step: str, delivers: bool
) -> None:
    for name in "ABCDE":
        department.write(name)
    department.remove("withdraw", "A")
    assert department.killed_at(step, 2, delivers=delivers)
    department.clock.advance(60)
    department.relayed()
    events = [change["event_id"] for change in department.broker.held]
    assert len(set(events)) == 6
    by_event = {change["event_id"]: change for change in department.broker.held}
    assert all(by_event[change["event_id"]] == change for change in department.broker.held)
    assert department.states() == ["published"] * 6
    assert set(department.broker.live_texts()) == set("BCDE")


WRITES = st.lists(
    st.tuples(
        st.sampled_from(["publish", "publish", "publish", "withdraw", "seal"]),
        st.sampled_from("ABC"),
        st.sampled_from(["x", "y", "z"]),
        st.booleans(),
    ),
    max_size=8,
)
KILL = st.tuples(st.sampled_from(STEPS), st.integers(1, 3), st.booleans(), st.integers(1, 4))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(WRITES, st.none() | KILL), max_size=4))
def test_any_writes_with_any_kills_end_as_the_department_says(
    turns: list[tuple[list[tuple[str, str, str, bool]], tuple[str, int, bool, int] | None]],
) -> None:
    with TemporaryDirectory() as folder:
        department = Department(Path(folder) / "records.sqlite")
        expected: dict[str, str] = {}
        for writes, kill in turns:
            for verb, name, text, commits in writes:
                department.database.execute("BEGIN")
                _written(department, verb, name, text)
                department.database.execute("COMMIT" if commits else "ROLLBACK")
                if commits:
                    expected.pop(name, None)
                    expected |= {name: text} if verb == "publish" else {}
            if kill is not None:
                step, visit, delivers, rows = kill
                department.killed_at(step, visit, delivers=delivers, batch_rows=rows)
        department.relayed()
        department.database.close()
        assert department.broker.live_texts() == expected


def _written(department: Department, verb: str, name: str, text: str) -> None:
    if verb == "publish":
        department.write(name, text)
    else:
        department.remove(verb, name)


def test_a_relay_that_marked_before_the_acknowledgement_would_be_caught(
    department: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests bite: with the steps in the wrong order, a kill loses rows."""
    from producers.connectors.outbox import relay as module

    def carry(self: module.Relay, rows: list[Row]) -> Settled:
        settled = Settled(published=[row.id for row in rows])
        self._mark(settled)
        batch = module._Batch(self._publisher())
        for row in rows:
            batch.send(row)
        crashpoint("outbox.sent")
        self._publisher().flush()
        return settled

    monkeypatch.setattr(module.Relay, "_carry", carry)
    for name in "ABC":
        department.write(name)
    assert department.killed_at("outbox.sent", 1, delivers=False)
    department.relayed()
    assert set(department.broker.live_texts()) != set("ABC")


def test_the_payload_leaves_the_table_with_the_acknowledgement(department: Department) -> None:
    """O3: the outbox keeps no copy of what the bus holds, not even in free pages."""
    department.write("A", "canary-5f2b9c17e0a4")
    department.relayed()
    department.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert department.rows("payload") == [(None,)]
    assert b"canary-5f2b9c17e0a4" not in department.path.read_bytes()


def test_a_busy_database_is_retryable(
    department: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    from producers.connectors.outbox import sqlite

    monkeypatch.setattr(sqlite, "_BUSY_SECONDS", 0.01)
    department.write("A")
    with department.relay() as relay:
        department.database.execute("BEGIN IMMEDIATE")
        with pytest.raises(Retryable):
            relay.round()
        department.database.execute("ROLLBACK")
        assert relay.round().published == 1


def test_the_departments_open_transaction_is_waited_for(
    department: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not committed is not sent; a mark that cannot be made leaves a harmless repeat."""
    from producers.connectors.outbox import sqlite

    monkeypatch.setattr(sqlite, "_BUSY_SECONDS", 0.01)
    department.database.execute("PRAGMA journal_mode = WAL")
    department.write("A")
    department.database.execute("BEGIN")
    department.write("B")
    with department.relay() as relay, pytest.raises(Retryable):
        relay.round()
    assert set(department.broker.live_texts()) == {"A"}
    department.database.execute("COMMIT")
    department.relayed()
    assert set(department.broker.live_texts()) == {"A", "B"}
    assert len({change["event_id"] for change in department.broker.held}) == 2
