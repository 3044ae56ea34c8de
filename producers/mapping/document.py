"""A mapping file as blocks, items and texts with their lines (pure)."""

from __future__ import annotations

from producers.mapping.problems import MappingInvalid, Problem
from recordbus.strict_yaml import (
    MAXIMUM_CHARACTERS,
    MAXIMUM_DEPTH,
    Block,
    Items,
    StrictYamlError,
    Text,
    place_of,
    read_strictly,
    text_at,
)

__all__ = ["MAXIMUM_CHARACTERS", "MAXIMUM_DEPTH", "Block", "Items", "Text", "line_of", "read",
           "text_at"]  # fmt: skip


def read(text: str, *, name: str) -> Block:
    """Read one strict YAML document; `name` is for the messages."""
    try:
        return read_strictly(text, starts_with="mapping")
    except StrictYamlError as error:
        raise MappingInvalid(name, [Problem(error.line, error.message)]) from None


def line_of(root: Block, path: tuple[int | str, ...]) -> int:
    """Give the line of the deepest part of the path that the document has."""
    return place_of(root, path)[0]
