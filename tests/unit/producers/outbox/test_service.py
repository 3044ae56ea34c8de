"""The relay as a service: how it rests, recovers, counts and cleans up."""

from __future__ import annotations

from datetime import timedelta

from recordbus import metrics

from .conftest import OWNER, Department


class Rests:
    """Notes how long the service slept; `then` happens at a rest, and after the last it stops."""

    def __init__(self, department: Department, *then: object) -> None:
        self.department, self.then = department, list(then)
        self.seconds: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.department.clock.advance(seconds)
        if self.then:
            act = self.then.pop(0)
            if callable(act):
                act()

    def is_over(self) -> bool:
        return not self.then


def gauge(name: str) -> float | None:
    return metrics.sample(f"recordbus_outbox_{name}", department=OWNER.name)


def test_an_idle_service_asks_less_and_less_and_at_once_when_rows_came(
    department: Department,
) -> None:
    rests = Rests(department, None, None, None, None, lambda: department.write("A"), None, None)
    department.service(rests.sleep).run(rests.is_over)
    assert rests.seconds[:5] == [0.02, 0.04, 0.08, 0.16, 0.25]
    assert rests.seconds[5] == 0.02
    assert department.states() == ["published"]


def test_a_broker_that_is_away_is_tried_again_after_longer_and_longer(
    department: Department,
) -> None:
    department.write("A")
    department.broker.takes = 0

    def back() -> None:
        department.broker.takes = None

    rests = Rests(department, *[None] * 11, back, *[None] * 30)
    department.service(rests.sleep, trouble_seconds=2.0).run(rests.is_over)
    assert sum(rests.seconds[:2]) == 0.5
    assert sum(rests.seconds[2:6]) == 1.0
    assert department.states() == ["published"]


def test_lag_and_refusals_are_told(department: Department) -> None:
    department.write("A")
    department.row(record_id="B", payload="{}")
    department.database.execute(
        "UPDATE recordbus_outbox SET created_at = ?",
        ((department.clock.now() - timedelta(seconds=90)).isoformat(),),
    )
    department.broker.takes = 0
    rests = Rests(department, None, None)
    service = department.service(rests.sleep)
    service._observe()
    assert (gauge("unpublished_rows"), gauge("oldest_unpublished_seconds")) == (2, 90)
    department.broker.takes = None
    service.drain()
    service.close()
    assert (gauge("unpublished_rows"), gauge("oldest_unpublished_seconds")) == (0, 0)
    assert gauge("refused_rows") == 1


def test_published_rows_are_deleted_after_their_time(department: Department) -> None:
    department.write("A")
    department.relayed()
    department.clock.advance(8 * 86_400)
    department.write("B")
    rests = Rests(department, None, None, None)
    department.service(rests.sleep).run(rests.is_over)
    assert department.rows("record_id") == [("B",)]


def test_draining_ends_when_nothing_waits(department: Department) -> None:
    for number in range(7):
        department.write(str(number))
    department.row(record_id="bad", payload="{}")
    service = department.service(lambda _seconds: None, batch_rows=3)
    done = service.drain()
    service.close()
    assert (done.published, done.refused, done.is_standby) == (7, 1, False)
    assert sorted(set(department.states())) == ["published", "refused"]
