"""Publishes every department's export through its connector, a few departments at a time."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from recordbus.local.demo.bus import Command, DemoBus, NotSeen
from recordbus.local.demo.numbers import Numbers, numbers, scrape

AT_ONCE: Final = 2
_POLL_SECONDS: Final = 0.1
_LOOK_SECONDS: Final = 0.25
_SETTLE_SECONDS: Final = 300.0

OnLook = Callable[["Published", Numbers], None]


@dataclass(frozen=True, slots=True)
class Export:
    """What one department hands over: a file or a folder, and the mapping that reads it."""

    department: str
    mapping: str
    path: Path

    @property
    def arguments(self) -> tuple[str, ...]:
        """Give the arguments of the command that publishes it."""
        where = ("--mapping", self.mapping, "--department", self.department)
        return ("publish", "csv", str(self.path), *where, "--json")


@dataclass(slots=True)
class Rows:
    """The connector's account of one department, summed over its exports."""

    read: int = 0
    sent: int = 0
    unchanged: int = 0
    duplicates: int = 0
    withdrawn: int = 0
    refused: Counter[str] | None = None

    def add(self, account: dict[str, Any]) -> None:
        """Add the account of one export, as `publish csv --json` prints it."""
        self.read += account["read"]
        self.sent += account["accepted"]
        self.unchanged += account["unchanged"]
        self.duplicates += account["duplicates"]
        self.withdrawn += account["withdrawn"]
        self.refused = (self.refused or Counter()) + Counter(account["refused"])


Published = dict[str, Rows]


def publish(bus: DemoBus, exports: Sequence[Export], on_look: OnLook) -> Published:
    """Publish the exports; returns once every sent change is judged and in the index.

    `on_look` is called a few times a second with what is known. Raises CommandFailed when a
    connector fails, NotSeen when the bus does not settle.
    """
    before = _steady_look(bus)
    waiting = list(exports)
    running: list[tuple[Export, Command]] = []
    done: Published = {export.department: Rows() for export in exports}
    deadline = time.monotonic() + _SETTLE_SECONDS
    while True:
        while waiting and len(running) < AT_ONCE:
            export = waiting.pop(0)
            running.append((export, bus.start(*export.arguments)))
        running = [each for each in running if not _collected(each, done)]
        now = look(bus)
        on_look(done, now)
        if not waiting and not running and is_settled(done, before, now):
            return done
        if time.monotonic() > deadline:
            raise NotSeen(
                f"not everything was searchable after {_SETTLE_SECONDS:g} s: {now}",
                hint="see the logs in the run directory",
            )
        time.sleep(_LOOK_SECONDS if running else _POLL_SECONDS)


def look(bus: DemoBus) -> Numbers:
    """Read the workers' metrics."""
    return numbers(scrape(bus.metrics_ports().values()))


def _steady_look(bus: DemoBus) -> Numbers:
    """Read the metrics while nothing is on its way from one worker to the next.

    They are read one worker after the other: what passed both of two meanwhile would count as
    stored before it was accepted, and nobody would ever settle.
    """
    seen = look(bus)
    while True:
        time.sleep(_LOOK_SECONDS)
        now = look(bus)
        if (now.accepted, now.judged, now.stored) == (seen.accepted, seen.judged, seen.stored):
            return now
        seen = now


def is_settled(published: Published, before: Numbers, now: Numbers) -> bool:
    """Say whether everything sent since `before` was judged, and what was accepted is stored."""
    sent = sum(rows.sent + rows.withdrawn for rows in published.values())
    accepted = now.accepted.total() - before.accepted.total()
    return now.judged - before.judged >= sent and now.stored - before.stored >= accepted


def _collected(job: tuple[Export, Command], done: Published) -> bool:
    export, command = job
    if not command.has_ended:
        return False
    printed = json.loads(command.output().strip().splitlines()[-1])
    for account in printed["accounts"]:
        done[export.department].add(account)
    return True
