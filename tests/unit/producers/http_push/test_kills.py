"""F6: a gateway that is killed at any step, again and again, while a department goes on trying."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from recordbus import crashpoints
from tests.unit.producers.http_push.door import MemoryDoor, record

STEPS: Final = (
    "gateway.written_down", "gateway.audited", "gateway.acknowledged", "gateway.remembered",
)  # fmt: skip


class Killed(BaseException):
    """Stands for kill -9: nothing may run after it that would run in the same process."""


class Told(NamedTuple):
    """One request of a department: which records, whether under a key, and where it is killed."""

    numbers: list[int]
    has_key: bool
    deaths: list[str]


TOLD: Final = st.builds(
    Told,
    st.lists(st.integers(1, 3), min_size=1, max_size=3, unique=True),
    st.booleans(),
    st.lists(st.sampled_from(STEPS), max_size=2),
)


class Desk:
    """A department that sends every request until it is answered, to whichever gateway runs."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.sequence = folder, 0
        self.door = self._opened()
        self.written: list[tuple[bytes, bytes]] = []
        self.answered: set[str] = set()

    def send(self, told: Told) -> None:
        """Send one request, through its deaths, until it has an answer."""
        self.sequence += 1
        values = [record(number, self.sequence) for number in told.numbers]
        deaths = [step for step in told.deaths if told.has_key or step in STEPS[1:3]]
        headers = {"idempotency_key": f"key-{self.sequence:06}"} if told.has_key else {}
        while not self._is_answered(values, headers, deaths.pop(0) if deaths else None):
            self.restart()
        self.answered |= {f"{number}@{self.sequence}" for number in told.numbers}

    def restart(self) -> None:
        """Note what reached the broker and what the audit says, and begin anew."""
        said = [key for entry in self.door.audit.entries for key in entry.records]
        for _, key, value in self.door.messages():
            assert key is not None
            assert value is not None
            assert any(each.startswith(key.decode()) for each in said), "no entry"
            self.written.append((key, value))
        self.door.close()
        self.door = self._opened()

    def _is_answered(
        self, values: list[dict[str, Any]], headers: dict[str, str], death: str | None
    ) -> bool:
        with dying_at(death):
            try:
                answer = self.door.post(values, **headers)
            except Killed:
                return False
        assert answer.status_code == 207, answer.text
        assert self.door.audit.entries or headers, "an answer without its entry"
        return True

    def _opened(self) -> MemoryDoor:
        return MemoryDoor(self.folder, database=self.folder / "remembered.sqlite")


@contextmanager
def dying_at(step: str | None) -> Iterator[None]:
    """Let the process die at a step."""

    def die(visited: str) -> None:
        if visited == step:
            raise Killed

    crashpoints.arm(die)
    try:
        yield
    finally:
        crashpoints.arm(None)


@given(st.lists(TOLD, min_size=1, max_size=4))
@settings(max_examples=20)
def test_whatever_kills_it_all_arrives_in_order_and_repeats_are_the_same(asked: list[Told]) -> None:
    """O1, O4, O6: each record's messages keep their order, and what came twice is one message."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        try:
            for told in asked:
                desk.send(told)
            desk.restart()
        finally:
            desk.door.close()
    by_record: dict[bytes, list[bytes]] = {}
    for key, value in desk.written:
        said = by_record.setdefault(key, [])
        if not said or said[-1] != value:
            assert value not in said, "an older message came after a newer one"
            said.append(value)
    assert sum(map(len, by_record.values())) == len(desk.answered), "something was lost"
