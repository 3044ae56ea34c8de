"""A service is told to end between two of its steps, and does not sleep over it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from recordbus.stopping import rest, until_told_to_stop


@pytest.fixture
def handlers() -> Iterator[None]:
    """Put back what the test runner does with the signals."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_an_answer_and_no_exception(number: signal.Signals) -> None:
    should_stop = until_told_to_stop()
    assert not should_stop()
    os.kill(os.getpid(), number)
    assert should_stop()


def test_a_rest_is_cut_into_slices_and_ends_when_told() -> None:
    slept: list[float] = []
    rest(0.6, lambda: False, slept.append)
    assert slept == [0.25, 0.25, pytest.approx(0.1)]
    slept.clear()
    rest(30, lambda: len(slept) == 2, slept.append)
    assert slept == [0.25, 0.25]
