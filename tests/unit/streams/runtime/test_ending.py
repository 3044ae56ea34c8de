"""An orderly end has its time, and not longer."""

from __future__ import annotations

import threading

from streams.runtime.ending import no_longer_than


def test_an_end_that_hangs_is_cut_short() -> None:
    left = threading.Event()
    with no_longer_than(0.01, lambda _why: left.set()):
        assert left.wait(30)


def test_an_end_that_comes_in_time_is_left_alone() -> None:
    told: list[str] = []
    with no_longer_than(600, told.append):
        (timer,) = [each for each in threading.enumerate() if isinstance(each, threading.Timer)]
    timer.join(30)
    assert (timer.is_alive(), told) == (False, [])
