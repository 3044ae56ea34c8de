"""Writes the lines that read a length, and those that pass over a value nobody wants (pure).

The lines belong to a compiled reader: `d` are its bytes, `p` is where it stands, `n` and `m` are
scratch, and whatever is not canonical raises NotPlain.
"""

from __future__ import annotations

from typing import Final

from recordbus.avro.source import Source
from recordbus.avro.tree import Node

MAX_ITEMS: Final = 10_000
"""Items in one array or map of a message."""
SINGLE_BYTE_SYMBOLS: Final = 64
_SIZES: Final = {"null": 0, "boolean": 1, "float": 4, "double": 8}


def add_number(source: Source, indent: int) -> None:
    """Add the lines that read a number into `n`, not yet unfolded from zigzag.

    Two bytes are read on the spot: every key and digest of the bus has such a length.
    """
    source.add(indent, "n = d[p]", "p += 1", "if n > 127:", "    m = d[p]")
    source.add(indent + 1, "if 0 < m < 128:", "    n += (m << 7) - 128", "    p += 1")
    source.add(indent + 1, "else:", "    n, p = varint(d, p - 1)")


def add_length(source: Source, indent: int) -> None:
    """Add the lines that read twice a length into `n`."""
    add_number(source, indent)
    source.add(indent, "if n & 1: raise NotPlain")


def pass_over(source: Source, node: Node, indent: int) -> None:
    """Add the lines that find where a value ends; what a value holds is not looked at."""
    if node.kind in _SIZES:
        source.add(indent, f"p += {_SIZES[node.kind]}")
    elif node.kind in ("string", "bytes"):
        add_length(source, indent)
        source.add(indent, "p += n >> 1")
    elif node.kind in ("int", "long", "enum"):
        source.add(indent, "while d[p] > 127: p += 1", "p += 1")
    elif node.kind == "fixed":
        source.add(indent, f"p += {node.size}")
    elif node.kind == "record":
        source.add(indent, "pass")
        for field in node.fields:
            pass_over(source, field.node, indent)
    elif node.kind == "union":
        _pass_over_branch(source, node, indent)
    else:
        _pass_over_items(source, node, indent)


def _pass_over_items(source: Source, node: Node, indent: int) -> None:
    """Add the lines that pass over an array, or a map, whose items have a text before them."""
    assert node.items is not None
    add_length(source, indent)
    source.add(indent, "if n:", f"    if n > {2 * MAX_ITEMS}: raise NotPlain")
    source.add(indent + 1, "for _ in range(n >> 1):")
    if node.kind == "map":
        pass_over(source, Node("string"), indent + 2)
    pass_over(source, node.items, indent + 2)
    source.add(indent + 1, "if d[p]: raise NotPlain", "p += 1")


def _pass_over_branch(source: Source, union: Node, indent: int) -> None:
    source.add(indent, "n = d[p]", "p += 1")
    for index, branch in enumerate(union.branches[:SINGLE_BYTE_SYMBOLS]):
        source.add(indent, f"{'elif' if index else 'if'} n == {index * 2}:")
        pass_over(source, branch, indent + 1)
    source.add(indent, "else: raise NotPlain")
