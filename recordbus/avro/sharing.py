"""Lines that read a small record of texts as the value that the same bytes gave before (pure).

Most coded values, dates and contacts of a day are a few hundred, said over and over. Invariant:
only bytes that were read in full are remembered. Avro tells by itself where a value ends, so bytes
that equal remembered ones are that value, however roughly their end was found.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from recordbus.avro.source import Source
from recordbus.avro.tree import Node

_MOST_FIELDS: Final = 3
_MOST_BYTES: Final = 64
_REMEMBERED: Final = 4096


def is_small(node: Node) -> bool:
    """Say whether a record is one to three texts, each of which may be null."""
    return 1 <= len(node.fields) <= _MOST_FIELDS and all(
        _null_tag(field.node) is not None or _is_text(field.node) for field in node.fields
    )


def _is_text(node: Node) -> bool:
    return node.kind == "string" and not node.logical


def _null_tag(node: Node) -> int | None:
    """Give the byte that says null where something else would be a text; None of other types."""
    kinds = [branch.kind for branch in node.branches]
    if sorted(kinds) != ["null", "string"] or not _is_text(node.branches[kinds.index("string")]):
        return None
    return 2 * kinds.index("null")


def read_shared(
    source: Source, node: Node, target: str, indent: int, read: Callable[[int], None]
) -> None:
    """Add lines that take what is remembered, or what the lines of `read` put into `target`."""
    known, end, start = source.constant({}), source.name("e"), source.name("s")
    source.add(indent, f"{end} = p")
    for field in node.fields:
        _add_rough_end(source, field.node, end, indent)
    source.add(indent, f"{target} = {known}.get(d[p:{end}])", f"if {target} is None:")
    source.add(indent + 1, f"{start} = p")
    read(indent + 1)
    source.add(indent + 1, f"if p - {start} <= {_MOST_BYTES}:")
    source.add(indent + 2, f"if len({known}) >= {_REMEMBERED}: {known}.clear()")
    source.add(indent + 2, f"{known}[d[{start}:p]] = {target}")
    source.add(indent, f"else: p = {end}")


def _add_rough_end(source: Source, node: Node, end: str, indent: int) -> None:
    """Add lines that pass over a short text or a null; a long text ends nowhere, and is read."""
    null_tag = _null_tag(node)
    if null_tag is not None:
        source.add(indent, f"if d[{end}] == {null_tag}: {end} += 1", "else:")
        source.add(indent + 1, f"n = d[{end} + 1]")
        source.add(indent + 1, f"{end} = {end} + 2 + (n >> 1) if n < 128 else 0")
    else:
        source.add(indent, f"n = d[{end}]")
        source.add(indent, f"{end} = {end} + 1 + (n >> 1) if n < 128 else 0")
