"""What compiling a mapping needs to know and where it notes mistakes (pure)."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from producers.mapping.codes import Codes
from producers.mapping.conversions import DateFormat, date_format
from producers.mapping.document import Block, Items, Text, line_of
from producers.mapping.problems import Problem
from producers.mapping.spec import WORDS, CodeTable, Source

_AS_LISTED = CodeTable()
_M = TypeVar("_M", bound=BaseModel)


class Vocabulary(Protocol):
    """The words of our schemas, as far as a mapping can name them."""

    def body_schema(self) -> Mapping[str, Any]:
        """Give the self-contained Avro schema of a record body."""

    def record_kinds(self) -> Collection[str]:
        """Give the closed list of record kinds."""

    def dissemination_levels(self) -> Collection[str]:
        """Give the closed list of dissemination levels."""

    def code_list(self, name: str) -> Collection[str] | None:
        """Give the codes of a list, or None when there is no such list."""

    def roles(self, record_kind: str, mention_kind: str) -> Mapping[str, Collection[str]]:
        """Give the roles that a kind of mention may have, with the categories each allows."""


@dataclass(slots=True)
class Context:
    """One export being compiled; `problems` grows while it is."""

    vocabulary: Vocabulary
    source: Source
    codes: Mapping[str, Codes]
    record_kind: str
    problems: list[Problem] = field(default_factory=list)
    used_codes: set[str] = field(default_factory=set)

    @property
    def zone(self) -> ZoneInfo:
        """The department's time zone."""
        return ZoneInfo(self.source.time_zone)

    def problem(self, node: Text | Block | Items, message: str) -> None:
        """Note a mistake at the line of a node."""
        self.problems.append(Problem(node.line, message))

    def formats(self, node: Text | Block | Items, written: Collection[str]) -> list[DateFormat]:
        """Prepare date formats; a mistake in one is noted and the format left out."""
        made = []
        for text in written:
            try:
                made.append(date_format(text, self.source.pivot_year))
            except ValueError as error:
                self.problem(node, str(error))
        return made

    def listed_codes(self, name: str) -> Codes | None:
        """Give a table that takes the codes of one of our lists as they are, and keeps others."""
        known = self.vocabulary.code_list(name)
        return None if known is None else Codes(name, _AS_LISTED, frozenset(known))


def read_model(
    model: type[_M], node: Any, problems: list[Problem], root: Block | Text | Items
) -> _M | None:
    """Validate a part of the file; mistakes are noted with their lines and give None."""
    try:
        return model.model_validate(node)
    except ValidationError as error:
        for found in error.errors(include_url=False):
            path = tuple(found["loc"])
            line = line_of(root, path) if isinstance(root, Block) else root.line
            problems.append(Problem(line, _says(found["type"], path, found["msg"])))
        return None


def _says(kind: str, path: tuple[int | str, ...], message: str) -> str:
    where = ".".join(str(step) for step in path)
    if kind == "extra_forbidden":
        return f"`{path[-1]}` is not a word of the language here{suggestion(str(path[-1]), WORDS)}"
    if kind == "missing":
        return f"`{where}` is missing"
    text = message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return f"`{where}`: {text}" if where else text


def suggestion(word: str, known: Collection[str]) -> str:
    """Give "; did you mean ...?" when a known word is close, otherwise the known ones if few."""
    close = difflib.get_close_matches(word, known, n=1)
    if close:
        return f"; did you mean `{close[0]}`?"
    return f"; known are {', '.join(sorted(known))}" if len(known) <= 30 else ""
