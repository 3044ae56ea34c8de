"""Tells people how far a rebuild is: a line for each step, and one that changes while it lasts."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console

from streams.rebuild.progress import Progress


class Telling:
    """Shows progress on a console, as a context; calling it tells of a step."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = console.status("")
        self._said: tuple[str, int] | None = None

    def __enter__(self) -> Telling:
        self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._status.stop()

    def __call__(self, progress: Progress) -> None:
        """Write a line when a step begins, and keep the changing one up to date."""
        step = (progress.step, progress.partition)
        if step != self._said:
            self._said = step
            self._console.print(said_of(progress), highlight=False)
        share = f", {progress.done} of {progress.total} keys" if progress.total else ""
        self._status.update(f"{progress.step}{share}")


def said_of(progress: Progress) -> str:
    """Give the line with which a step begins."""
    if not progress.total:
        return progress.step
    return f"{progress.step} partition {progress.partition}, {progress.total} keys"
