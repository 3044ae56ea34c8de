"""Whatever a handle does to its interpreter, this process lives and learns how it ended."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Iterator

import pytest

from recordbus.errors import Rejected, Retryable
from streams.runtime.contract import Handled, Input, Note, Output, PlainMachine, Quarantine
from streams.runtime.effects import HandlerDied
from streams.runtime.isolation import IsolatedHandle


def given(value: bytes) -> Input:
    return Input("t", 0, 1, b"k", value, 0, 1)


def handle(message: Input, state: bytes | None) -> Handled:
    acts: dict[bytes, Callable[[], object]] = {
        b"segfault": lambda: os.kill(os.getpid(), signal.SIGSEGV),
        b"null": lambda: ctypes.string_at(0),
        b"exit": lambda: os._exit(3),
        b"hang": lambda: signal.pause(),
        b"reject": lambda: _raise(Rejected("unknown_code", "field sex")),
        b"retry": lambda: _raise(Retryable("registry away")),
        b"fail": lambda: _raise(ValueError("Jane Roe")),
        b"leave": lambda: sys.exit(4),
    }
    acts.get(message.value or b"", lambda: None)()
    out = Output("o", b"k", message.value, 0)
    return Handled(state, [out], outcome="done", notes=(Note("n", ("l",)),))


def _raise(error: Exception) -> None:
    raise error


@pytest.fixture
def isolated() -> Iterator[IsolatedHandle]:
    one = IsolatedHandle(limit_seconds=5)
    yield one
    one.close()


MACHINE = PlainMachine(handle)


def test_what_it_gives_is_what_the_handle_gives(isolated: IsolatedHandle) -> None:
    for state in (None, b"", b"held", b"x" * 300_000):
        answer = isolated(MACHINE, given(b"fine"), state)
        assert answer == handle(given(b"fine"), state)


@pytest.mark.parametrize(
    ("value", "how"),
    [
        (b"segfault", "SIGSEGV"),
        (b"null", "SIGSEGV"),
        (b"exit", "exit code 3"),
        (b"leave", "exit code"),
    ],
)
def test_a_handle_that_kills_its_process_dies_alone(
    isolated: IsolatedHandle, value: bytes, how: str
) -> None:
    with pytest.raises(HandlerDied, match=how):
        isolated(MACHINE, given(value), None)
    assert isolated(MACHINE, given(b"next"), None).outcome == "done"


def test_a_handle_that_hangs_is_ended() -> None:
    isolated = IsolatedHandle(limit_seconds=0.2)
    with pytest.raises(HandlerDied, match=r"longer than 0.2 s"):
        isolated(MACHINE, given(b"hang"), None)
    isolated.close()


def test_errors_arrive_as_themselves(isolated: IsolatedHandle) -> None:
    with pytest.raises(Rejected) as rejected:
        isolated(MACHINE, given(b"reject"), None)
    assert (rejected.value.reason, rejected.value.detail) == ("unknown_code", "field sex")
    with pytest.raises(Retryable, match="registry away"):
        isolated(MACHINE, given(b"retry"), None)


def test_an_unexpected_exception_says_where_it_arose_and_nothing_else(
    isolated: IsolatedHandle,
) -> None:
    answer = isolated(MACHINE, given(b"fail"), None)
    assert isinstance(answer.quarantined, Quarantine)
    assert answer.quarantined.reason == "unhandled"
    assert "ValueError in test_isolation.py" in answer.quarantined.detail
    assert "Jane Roe" not in answer.quarantined.detail


class Indexed:
    """A machine with an index: a child knows it as of its fork only."""

    def __init__(self) -> None:
        self.index: list[bytes] = []

    def handle(self, message: Input, state: bytes | None) -> Handled:
        return Handled(b",".join(self.index))

    def state_key(self, message: Input) -> bytes:
        return message.key or b""

    def loaded(self, key: bytes, state: bytes) -> None: ...
    def changed(self, key: bytes, old: bytes | None, new: bytes | None) -> None: ...


def test_a_machine_with_an_index_gets_a_child_that_knows_it_as_it_is(
    isolated: IsolatedHandle,
) -> None:
    machine = Indexed()
    for n in range(3):
        machine.index.append(b"%d" % n)
        assert isolated(machine, given(b"x"), None).state == b",".join(machine.index)
