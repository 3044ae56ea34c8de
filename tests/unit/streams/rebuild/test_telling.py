"""A rebuild says what it does and how far it is."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from streams.rebuild.progress import Progress
from streams.rebuild.telling import Telling


def test_each_step_is_one_line_however_often_it_is_told() -> None:
    out = StringIO()
    with Telling(Console(file=out)) as tell:
        tell(Progress("fence"))
        for done in (1, 2, 3):
            tell(Progress("restate", 0, done, 3))
        tell(Progress("restate", 1, 1, 1))
        tell(Progress("release"))
    assert out.getvalue().splitlines() == [
        "fence",
        "restate partition 0, 3 keys",
        "restate partition 1, 1 keys",
        "release",
    ]
