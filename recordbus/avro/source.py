"""Writes the Python text that `reader` and `writer` compile (pure).

Text from a schema only ever enters the source through `repr`, as a constant; variables and
functions are numbered. A schema can therefore name its fields as it likes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import CodeType
from typing import Any


@lru_cache(maxsize=64)
def _code(text: str) -> CodeType:
    """Compile a text once, however many readers or writers share a schema."""
    return compile(text, "<avro>", "exec")


class Source:
    """Lines of Python with numbered names and the constants that they refer to."""

    def __init__(self, constants: dict[str, Any]) -> None:
        self.lines: list[str] = []
        self.constants = dict(constants)
        self._functions: list[str] = []
        self._numbers = 0

    def name(self, stem: str = "v") -> str:
        """Give a fresh variable name."""
        self._numbers += 1
        return f"{stem}{self._numbers}"

    def constant(self, value: Any) -> str:
        """Give the name under which the compiled code sees `value`."""
        name = self.name("K")
        self.constants[name] = value
        return name

    def add(self, indent: int, *lines: str) -> None:
        """Add lines at an indent, counted in levels."""
        self.lines.extend("    " * indent + line for line in lines)

    def define(self, line: str) -> None:
        """Add a line outside all functions, after those that are complete."""
        self._functions.append(line)

    @contextmanager
    def function(self, name: str, parameters: str) -> Iterator[None]:
        """Add a function whose body is what is added inside; one may begin inside another."""
        outer, self.lines = self.lines, [f"def {name}({parameters}):"]
        yield
        self._functions.extend(self.lines)
        self.lines = outer

    def compile(self, function: str) -> Callable[..., Any]:
        """Compile the functions and give the one of that name."""
        scope = self.constants
        exec(_code("\n".join(self._functions)), scope)  # noqa: S102 - see module
        compiled: Callable[..., Any] = scope[function]
        return compiled
