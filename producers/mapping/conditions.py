"""Conditions: when a part of a record is there (pure)."""

from __future__ import annotations

from typing import Any

from producers.mapping.context import Context, read_model
from producers.mapping.document import Block, Items, Text
from producers.mapping.pieces import Place, Read, Row, Scope, Test, any_filled, cell
from producers.mapping.spec import Condition


def compile_condition(node: Any, place: Place, context: Context) -> Test:
    """Compile a condition to a test; a mistake is noted and gives a test that always fails."""
    if isinstance(node, Text):
        return _filled(node, [str(node)], place, context)
    if isinstance(node, Items):
        context.problem(node, "a condition is a column or one of column, any_of, all_of")
        return _never
    condition = read_model(Condition, node, context.problems, node)
    if condition is None:
        return _never
    if condition.any_of is not None:
        return _filled(node, list(condition.any_of), place, context)
    if condition.all_of is not None:
        return _all_filled(node, list(condition.all_of), place, context)
    return _compared(node, condition, place, context)


def _never(_row: Row, _scope: Scope) -> bool:
    return False


def _reads(node: Text | Block, names: list[str], place: Place, context: Context) -> list[Read]:
    reads = []
    for name in names:
        read = place.find(name)
        if read is None:
            context.problem(node, f"there is no column `{name}`")
        else:
            reads.append(read)
    return reads


def _filled(node: Text | Block, names: list[str], place: Place, context: Context) -> Test:
    return any_filled(_reads(node, names, place, context))


def _all_filled(node: Block, names: list[str], place: Place, context: Context) -> Test:
    cells = [cell(read) for read in _reads(node, names, place, context)]
    return lambda row, scope: all(get(row, scope) for get in cells)


def _compared(node: Block, condition: Condition, place: Place, context: Context) -> Test:
    reads = _reads(node, [condition.column or ""], place, context)
    if not reads:
        return _never
    get = cell(reads[0])
    wanted = None if condition.is_ is None else frozenset(condition.is_)
    refused = frozenset(condition.is_not or ())
    if wanted is None and not refused:
        return lambda row, scope: bool(get(row, scope))

    def test(row: Row, scope: Scope) -> bool:
        text = get(row, scope)
        return (wanted is None or text in wanted) and text not in refused

    return test
