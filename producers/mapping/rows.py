"""Where several items of a list come from: rows of a child file, or parts of a cell (pure)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from producers.mapping.context import Context, read_model, suggestion
from producers.mapping.document import Block, Items, Text
from producers.mapping.pieces import ColumnSet, Header, Place, Read, Row, Scope, cell
from producers.mapping.spec import PartOfCell

_PART = Header(["part"])


class Rows(NamedTuple):
    """The rows that an item is repeated for, and what a column name means in them."""

    columns: ColumnSet
    find: Callable[[Row, Scope], Sequence[Row]]
    reads: tuple[Read, ...]


def compile_rows(node: Block, place: Place, context: Context) -> Rows | None:
    """Compile `for_each` or `for_each_part`; None when the item has neither."""
    if "for_each" in node and "for_each_part" in node:
        context.problem(node, "an item has `for_each` or `for_each_part`, not both")
        return None
    if "for_each_part" in node:
        return _parts(node, place, context)
    if "for_each" in node:
        return _child_rows(node, place, context)
    if "matching" in node:
        context.problem(node, "`matching` belongs to `for_each`")
    return None


def _parts(node: Block, place: Place, context: Context) -> Rows | None:
    block = node["for_each_part"]
    rule = read_model(PartOfCell, block, context.problems, block)
    read = place.find(rule.column) if rule else None
    if rule is None or read is None:
        if rule is not None:
            context.problem(block, f"there is no column `{rule.column}`")
        return None
    text, by = cell(read), rule.by

    def find(row: Row, scope: Scope) -> Sequence[Row]:
        parts = (part.strip() for part in text(row, scope).split(by))
        return [(part,) for part in parts if part]

    return Rows(_PART, find, (read,))


def _child_rows(node: Block, place: Place, context: Context) -> Rows | None:
    name = node["for_each"]
    if not isinstance(name, Text) or name not in place.children:
        hint = suggestion(str(name), list(place.children))
        context.problem(node, f"`for_each`: no child file `{name}` is declared{hint}")
        return None
    columns, child = place.children[name], str(name)
    matches = _matching(node, place, columns, context)
    if not matches:
        return Rows(columns, lambda _row, scope: scope.children.get(child, ()), ())

    def find(row: Row, scope: Scope) -> Sequence[Row]:
        wanted = [(index, get(row, scope)) for index, get in matches]
        return [
            own
            for own in scope.children.get(child, ())
            if all(own[index] == value for index, value in wanted)
        ]

    return Rows(columns, find, ())


def _matching(
    node: Block, place: Place, columns: ColumnSet, context: Context
) -> list[tuple[int, Callable[[Row, Scope], str]]]:
    pairs = node.get("matching", {})
    if isinstance(pairs, Text | Items):
        context.problem(pairs, "`matching` pairs a column of the child with one of this row")
        return []
    made = []
    for own, outer in pairs.items():
        index, read = columns.index(own), place.find(str(outer))
        if index is None or read is None:
            context.problem(node, f"`matching`: no column `{own if index is None else outer}`")
        else:
            made.append((index, cell(read)))
    return made
