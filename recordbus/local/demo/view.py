"""The live view of the demo: one line a department, and the rate and latency of the whole."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable

from rich.console import Console
from rich.live import Live
from rich.table import Table

from recordbus.local.demo.numbers import Numbers
from recordbus.local.demo.publishing import Published


class LiveView:
    """Shows progress on a terminal; elsewhere prints nothing until it is asked for the end."""

    def __init__(self, console: Console, departments: Iterable[str]) -> None:
        self._console = console
        self._departments = tuple(departments)
        self._live = Live(console=console, refresh_per_second=8, transient=True)
        self._started = time.monotonic()
        self.elapsed_seconds = 0.0

    def __enter__(self) -> LiveView:
        """Begin to show."""
        self._started = time.monotonic()
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the live part; what was printed last stays."""
        self._live.stop()

    def update(self, published: Published, now: Numbers) -> None:
        """Show what is known now."""
        self.elapsed_seconds = time.monotonic() - self._started
        if self._console.is_terminal:
            self._live.update(self.table(published, now))

    def table(self, published: Published, now: Numbers) -> Table:
        """Lay out the departments' numbers, with rate and latency beneath."""
        table = Table("department", caption=self._caption(now), caption_justify="left")
        for name in (
            "read",
            "sent",
            "refused",
            "duplicates",
            "accepted",
            "quarantined",
            "searchable",
        ):
            table.add_column(name, justify="right")
        for name in self._departments:
            rows = published[name]
            refused = rows.refused.total() if rows.refused else 0
            quarantined = sum(now.quarantined_by(name).values())
            numbers = (rows.read, rows.sent, refused, rows.duplicates)
            cells = (*numbers, now.accepted[name], quarantined, now.documents[name])
            table.add_row(name, *(f"{n:,}" for n in cells))
        return table

    def _caption(self, now: Numbers) -> str:
        rate = now.stored / self.elapsed_seconds if self.elapsed_seconds else 0.0
        parts = [f"{now.documents.total():,} records searchable", f"{rate:,.0f} changes/s"]
        if not math.isnan(now.latency_p50_seconds):
            parts.append(
                f"publish → searchable p50 {now.latency_p50_seconds:.2f} s, "
                f"p99 {now.latency_p99_seconds:.2f} s"
            )
        return " · ".join(parts)
