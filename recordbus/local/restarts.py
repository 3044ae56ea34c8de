"""Decides what happens to a child that ended by itself.

Pure. A child that asks to be restarted is; one that crashes is given more and more time, and
given up when it never stays up; one that cannot work as it is configured is not tried again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from recordbus.errors import ExitCode

STAYED_UP_SECONDS: Final = 15.0
CRASHES_BEFORE_GIVING_UP: Final = 8
_FIRST_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 30.0
_HOPELESS: Final[Mapping[int, str]] = {
    ExitCode.MISCONFIGURED: "something has to be set right first",
    ExitCode.USAGE: "its command line is wrong",
    127: "its command is not there",
    126: "its command cannot be run",
}
_QUICK_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Restart:
    """Start it again after this pause; `crashes` counts those in a row, this one included."""

    after_seconds: float
    crashes: int


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Leave it; `why` completes "... is not started again: "."""

    why: str


def decide(exit_code: int, ran_seconds: float, crashes: int) -> Restart | GiveUp:
    """Say what to do with a child that ended, after `crashes` crashes in a row before this end.

    A child that stayed up for a quarter of a minute begins a new row: it works, and was ended.
    One that asks for a restart at once gets it without counting as a crash, unless it did so
    within its first second.
    """
    if exit_code in _HOPELESS:
        return GiveUp(_HOPELESS[exit_code])
    before = 0 if ran_seconds >= STAYED_UP_SECONDS else crashes
    if exit_code == ExitCode.RESTART and ran_seconds >= _QUICK_SECONDS:
        return Restart(0.0, before)
    if before + 1 >= CRASHES_BEFORE_GIVING_UP:
        return GiveUp(f"it ended {before + 1} times in a row, last with code {exit_code}")
    pause = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2.0**before)
    return Restart(0.0 if exit_code == ExitCode.RESTART else pause, before + 1)
