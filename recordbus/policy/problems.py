"""What is wrong with an agreement, each with its place in the file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from recordbus.errors import Misconfigured


class Problem(NamedTuple):
    """One mistake or warning: line and column, counted from 1, and what to change."""

    line: int
    column: int
    message: str


class AgreementInvalid(Misconfigured):
    """An agreement that cannot be used; `problems` has every mistake that was found."""

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        self.name = name
        self.problems = tuple(sorted(problems))
        lines = [f"{name}:{each.line}:{each.column}: {each.message}" for each in self.problems]
        super().__init__("\n".join(lines), hint="correct the file and sign it anew")
