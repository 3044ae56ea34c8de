"""What is wrong with a mapping file, each with the line it stands on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from recordbus.errors import Misconfigured


class Problem(NamedTuple):
    """One mistake: the line it is on (1 is the first) and what to change."""

    line: int
    message: str


class MappingInvalid(Misconfigured):
    """A mapping file that cannot be used; `problems` has every mistake that was found."""

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        self.name = name
        self.problems = tuple(sorted(problems))
        lines = [f"{name}:{problem.line}: {problem.message}" for problem in self.problems]
        super().__init__(
            "\n".join([f"the mapping {name} has {len(lines)} problem(s)", *lines]),
            hint=f"correct the file, then run: recordbus mapping check {name}",
        )
