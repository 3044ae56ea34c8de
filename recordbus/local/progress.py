"""Shows how far a download is: a bar on a terminal, a few lines anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from recordbus.local.download import Progress as Meter

_MEGABYTE: Final = 1_000_000
_STEPS: Final = 4


@contextmanager
def shown() -> Iterator[Meter]:
    """Give a meter to hand to the download; nothing is shown when there is nothing to load."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines()
        return
    columns = (
        TextColumn("first run: fetching the servers"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        yield _Bar(bar)


class _Bar:
    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._task = None if bar.tasks else bar.add_task("", total=None, visible=False)

    def __call__(self, done_bytes: int, total_bytes: int) -> None:
        if self._task is not None:
            self._bar.update(self._task, completed=done_bytes, total=total_bytes, visible=True)


class _Lines:
    def __init__(self) -> None:
        self._told = -1

    def __call__(self, done_bytes: int, total_bytes: int) -> None:
        step = _STEPS * done_bytes // max(1, total_bytes)
        if done_bytes < total_bytes and step == self._told:
            return
        if step != self._told:
            self._told = step
            size = f"{done_bytes // _MEGABYTE} of {total_bytes // _MEGABYTE} MB"
            sys.stderr.write(f"first run: fetching the servers, {size}\n")
