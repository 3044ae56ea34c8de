"""Two deaths over the same unfinished batch make its inputs suspects; nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.runtime.suspects import ProgressNote, Suspicion

TOPIC = "t"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "notes" / "0.progress"


def die_over(path: Path, process: str, first: int, last: int, done: int = 0) -> bool:
    """Live as a process that dies over a batch; tells whether it had suspects."""
    note = ProgressNote(path, process)
    suspects = note.recall({TOPIC: done})
    note.begin({TOPIC: (first, last)})
    note.close(finished=False)
    return suspects is not None


def test_the_third_process_suspects_the_batch_that_killed_two(path: Path) -> None:
    assert not die_over(path, "a", 10, 19)
    assert not die_over(path, "b", 10, 14)
    is_suspect = ProgressNote(path, "c").recall({TOPIC: 10})
    assert is_suspect is not None
    assert [at for at in range(30) if is_suspect(TOPIC, at)] == [10, 11, 12, 13, 14]
    assert not is_suspect("other", 12)


def test_a_batch_that_was_committed_is_no_suspect(path: Path) -> None:
    die_over(path, "a", 10, 19)
    die_over(path, "b", 10, 19)
    assert ProgressNote(path, "c").recall({TOPIC: 20}) is None


def test_deaths_over_different_batches_do_not_add_up(path: Path) -> None:
    die_over(path, "a", 10, 19)
    die_over(path, "b", 20, 29, done=20)
    assert ProgressNote(path, "c").recall({TOPIC: 20}) is None


def test_deaths_add_up_however_the_batches_are_cut(path: Path) -> None:
    die_over(path, "a", 10, 500)
    second = ProgressNote(path, "b")
    assert second.recall({TOPIC: 0}) is None
    second.begin({TOPIC: (10, 12)})  # goes well
    second.begin({TOPIC: (13, 600)})  # holds what killed the first, too
    second.close(finished=False)
    assert die_over(path, "c", 13, 13, done=13)


def test_a_new_tenure_of_the_same_process_is_no_death(path: Path) -> None:
    die_over(path, "a", 10, 19)
    for _ in range(5):
        assert not die_over(path, "a", 10, 19)


def test_an_orderly_end_is_no_death(path: Path) -> None:
    note = ProgressNote(path, "a")
    note.begin({TOPIC: (0, 5)})
    note.close(finished=True)
    assert not path.exists()


@pytest.mark.parametrize("left", [b"", b"nonsense", b"[1", b"\xff\n"])
def test_a_damaged_note_says_nothing(path: Path, left: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(left)
    assert ProgressNote(path, "b").recall({}) is None


def test_a_shorter_note_replaces_a_longer_one(path: Path) -> None:
    note = ProgressNote(path, "a")
    note.begin({"a-topic-with-a-long-name": (10**12, 10**12), TOPIC: (1, 2)})
    note.begin({TOPIC: (1, 2)})
    assert note._read() == ("a", 0, {TOPIC: (1, 2)})


@pytest.mark.parametrize(
    ("spans", "deaths"),
    [
        ({TOPIC: (0, 9)}, 0),
        ({TOPIC: (0, 10)}, 1),
        ({TOPIC: (12, 13)}, 1),
        ({TOPIC: (0, 99)}, 1),
        ({TOPIC: (20, 30)}, 0),
        ({"other": (10, 19)}, 0),
    ],
)
def test_a_batch_inherits_the_deaths_it_shares_inputs_with(
    spans: dict[str, tuple[int, int]], deaths: int
) -> None:
    assert Suspicion(1, {TOPIC: (10, 19)}).deaths_over(spans) == deaths
