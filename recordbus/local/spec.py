"""What the supervisor needs to know of a child process, whatever it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Ready = Callable[[], bool]


def at_once() -> bool:
    """Be ready as soon as started."""
    return True


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """One child: its command, when it counts as ready, and its place in the order.

    Those with a higher `stop_order` are started earlier and stopped later; equal ones together.
    `env` is added to the supervisor's environment. `ready` is asked often and must be quick.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    ready: Ready = at_once
    stop_order: int = 0
    directory: Path | None = None
    ready_within_seconds: float = 60.0
    stop_within_seconds: float = 15.0
    ports: Mapping[str, int] = field(default_factory=dict)
    restarts: bool = True
