"""F7: kill -9 at any moment loses nothing, and what it repeats does nothing."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.connectors.csv_snapshot import STEPS, find_record
from producers.connectors.csv_snapshot.verbs import RecordVerbs
from producers.publisher import Owner
from recordbus.errors import Retryable
from schemas.events import Dispute

from .conftest import Department

CONTACT = {"unit": "Records", "phone": None, "email": None}
BEFORE = {str(n): f"text {n}" for n in range(100)}
AFTER = {str(n): f"text {n}" for n in range(1, 100)} | {"5": "changed", "new": "new"}


class Killed(BaseException):
    """What kill -9 looks like from inside: nothing more of our code runs."""


class Killer:
    """Ends the run at the n-th visit of a step."""

    def __init__(self, name: str, visit: int, department: Department, *, delivers: bool) -> None:
        self._name, self._left, self._department = name, visit, department
        self._delivers = delivers

    def __call__(self, step: str) -> None:
        if step == self._name:
            self._left -= 1
            if self._left == 0:
                if self._delivers:
                    self._department.broker.poll()
                self._department.broker.waiting.clear()
                raise Killed


def department_in(folder: Path) -> Department:
    return Department(folder, Owner("test-pd", "ZZ0000100", "t", CONTACT, b"k" * 32))


def killed(department: Department, path: Path, step: str, visit: int, *, delivers: bool) -> bool:
    """Publish and say whether the run was killed on its way."""
    killer = Killer(step, visit, department, delivers=delivers)
    try:
        department.publish(path, step=killer, acknowledge_every=1, approve=True)
    except Killed:
        return True
    return False


@pytest.mark.parametrize("delivers", [True, False])
@pytest.mark.parametrize("step", STEPS)
def test_a_run_that_was_killed_is_finished_by_the_next(
    department: Department, step: str, delivers: bool
) -> None:
    department.publish(department.write(BEFORE))
    path = department.write(AFTER)
    assert killed(department, path, step, 1, delivers=delivers)
    account = department.publish(path)
    assert account.adds_up
    assert department.broker.live_texts() == AFTER
    assert department.publish(path).accepted == 0


@pytest.mark.parametrize("delivers", [True, False])
@pytest.mark.parametrize("step", STEPS[:-1])
def test_another_snapshot_after_a_kill_undoes_what_was_half_sent(
    department: Department, step: str, delivers: bool
) -> None:
    department.publish(department.write(BEFORE))
    assert killed(department, department.write(AFTER), step, 1, delivers=delivers)
    department.publish(department.write(BEFORE | {"7": "other"}))
    assert department.broker.live_texts() == BEFORE | {"7": "other"}


def test_what_was_acknowledged_is_not_sent_again(department: Department) -> None:
    path = department.write(BEFORE)
    assert killed(department, path, "acknowledged_some", 60, delivers=True)
    sent = len(department.broker.held)
    account = department.publish(path)
    assert account.accepted == 100
    assert len(department.broker.held) - sent == 40


def test_a_resumed_run_repeats_the_same_events(department: Department) -> None:
    path = department.write(BEFORE)
    assert killed(department, path, "acknowledged", 1, delivers=True)
    first = {change["event_id"] for change in department.broker.held}
    department.publish(path, acknowledge_every=10_000)
    assert {change["event_id"] for change in department.broker.held} == first


def test_a_record_expunged_between_kill_and_resume_stays_expunged(department: Department) -> None:
    path = department.write(BEFORE)
    assert killed(department, path, "planned", 1, delivers=True)
    with department.state() as state:
        RecordVerbs(department.publisher(), state).expunge("service_call", "5", "court_order")
    account = department.publish(path)
    assert account.refused == {"resurrection_attempt": 1}
    assert department.broker.live_texts() == {n: t for n, t in BEFORE.items() if n != "5"}


def test_a_record_disputed_between_kill_and_resume_keeps_its_dispute(
    department: Department,
) -> None:
    path = department.write(BEFORE)
    assert killed(department, path, "sent_some", 50, delivers=True)
    now = department.clock.now()
    dispute = Dispute(dispute_id="d", raised_at=now, by="subject", statement_reference="S")
    with department.state() as state:
        found = find_record(department.export, department.owner, path, "5")
        RecordVerbs(department.publisher(), state).dispute(found, dispute)
    department.publish(path)
    bodies = {c["body"]["record_id"]: c for c in department.broker.newest().values()}
    assert bodies["5"]["disputes"][0]["dispute_id"] == "d"
    assert department.broker.live_texts() == BEFORE


@pytest.mark.parametrize("acknowledge_every", [1, 10_000])
def test_a_broker_that_fails_leaves_the_run_to_be_finished(
    department: Department, acknowledge_every: int
) -> None:
    path = department.write(BEFORE)
    flush, department.broker.flush = department.broker.flush, _fails  # type: ignore[method-assign]
    with pytest.raises(Retryable):
        department.publish(path, acknowledge_every=acknowledge_every)
    department.broker.waiting.clear()
    department.broker.flush = flush  # type: ignore[method-assign]
    assert department.publish(path).accepted == 100
    assert department.broker.live_texts() == BEFORE


def _fails(timeout_seconds: float = 60.0) -> None:
    raise Retryable("the broker is away")


SNAPSHOTS = st.lists(
    st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(["x", "y", "z"]), max_size=8),
    min_size=1,
    max_size=5,
)
KILLS = st.tuples(st.sampled_from(STEPS), st.integers(1, 6), st.booleans())


@settings(max_examples=40)
@given(SNAPSHOTS, st.data())
def test_any_snapshots_with_any_kills_end_as_the_last_snapshot_says(
    snapshots: list[dict[str, str]], data: st.DataObject
) -> None:
    with TemporaryDirectory() as folder:
        department = department_in(Path(folder))
        for number, rows in enumerate(snapshots):
            path = department.write(rows, f"{number}.csv")
            for _ in range(data.draw(st.integers(0, 3), label="kills")):
                step, visit, delivers = data.draw(KILLS)
                killed(department, path, step, visit, delivers=delivers)
        account = department.publish(path, approve=True)
        assert account.adds_up
        assert department.broker.live_texts() == snapshots[-1]
