"""The memory of Idempotency-Keys: bounded, durable, and without content."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from producers.connectors.http_push.remembered import Answer, Remembered
from recordbus.errors import Misconfigured
from recordbus.testing.clock import ManualClock
from recordbus.web.problems import Problem

ANSWER = Answer(200, b"{}")


def memory(path: Path | None, clock: ManualClock, most: int = 1000) -> Remembered:
    return Remembered(path, b"s" * 32, clock, hours=24, most=most)


def test_an_answer_outlives_the_process(tmp_path: Path) -> None:
    path, clock = tmp_path / "remembered.sqlite", ManualClock()
    with memory(path, clock) as first, first.at_work("a-pd", "key-0001") as held:
        assert first.begin(held, "a-pd", b"body") is None
        first.finish(held, ANSWER)
    with memory(path, clock) as second, second.at_work("a-pd", "key-0001") as held:
        assert second.begin(held, "a-pd", b"body") == ANSWER


def test_a_key_at_work_is_not_begun_twice_and_is_free_afterwards() -> None:
    with memory(None, ManualClock()) as found:
        with found.at_work("a-pd", "key-0001"):
            with pytest.raises(Problem, match="key_in_use"), found.at_work("a-pd", "key-0001"):
                pass
            with found.at_work("b-pd", "key-0001"), found.at_work("a-pd", "key-0002"):
                pass
        with found.at_work("a-pd", "key-0001") as held:
            assert found.begin(held, "a-pd", b"x") is None


def test_of_a_department_the_newest_keys_stay_and_others_lose_nothing() -> None:
    clock = ManualClock()
    with memory(None, clock, most=3) as found:
        for department in ("a-pd", "b-pd"):
            for number in range(2 if department == "b-pd" else 10):
                clock.advance(1)
                with found.at_work(department, f"key-{number:04}") as held:
                    found.begin(held, department, b"x")
                    found.finish(held, ANSWER)
        found.tidy("a-pd", clock.now().timestamp())

        def known(department: str, key: str) -> bool:
            with found.at_work(department, key) as held:
                return found.begin(held, department, b"x") is not None

        assert [known("a-pd", f"key-{n:04}") for n in (7, 8, 9)] == [True] * 3
        assert [known("b-pd", f"key-{n:04}") for n in (0, 1)] == [True] * 2
        assert not known("a-pd", "key-0006")


def test_tidying_comes_by_itself() -> None:
    clock = ManualClock()
    with memory(None, clock, most=10) as found:
        for number in range(600):
            clock.advance(1)
            with found.at_work("a-pd", f"key-{number:04}") as held:
                found.begin(held, "a-pd", b"x")
        left = found._database.execute("SELECT count(*) FROM answers").fetchone()[0]

    assert left < 300


def test_nothing_of_a_key_or_body_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "remembered.sqlite"
    with memory(path, ManualClock()) as found, found.at_work("a-pd", "Zylberstein-1") as held:
        found.begin(held, "a-pd", b"Quarzsand was here")
        found.finish(held, ANSWER)

    files = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert b"Zylberstein" not in files
    assert b"Quarzsand" not in files
    assert b"a-pd" in files


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "remembered.sqlite"
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 9")
    database.close()

    with pytest.raises(Misconfigured, match="form 9"):
        memory(path, ManualClock())
