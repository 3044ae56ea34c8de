"""Records and lists of a body, laid out as the mapping draws them (pure).

An item of a list vanishes when every column that it reads is empty. A role, which has a local
id, that lacks something it must have refuses the row; a mere part of one is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any

from producers.mapping.conditions import compile_condition
from producers.mapping.context import Context, suggestion
from producers.mapping.converters import Target
from producers.mapping.document import Block, Items, Text, text_at
from producers.mapping.pieces import (
    MissingValue,
    Piece,
    Place,
    Row,
    Scope,
    Test,
    any_filled,
    constant,
    record_of,
)
from producers.mapping.rows import Rows, compile_rows
from producers.mapping.shape import Coded, Dated, Field, ListOf, OneOf, RecordOf, Scalar, Shape
from producers.mapping.values import compile_texts, compile_value

_NOTHING_GIVEN: Mapping[str, Piece] = MappingProxyType({})
_ITEM_WORDS = frozenset({"repeat", "for_each", "matching", "for_each_part", "when"})

Emit = Callable[[Row, Scope, list[Any]], None]


def compile_record(
    node: Any,
    shape: RecordOf,
    place: Place,
    context: Context,
    *,
    given: Mapping[str, Piece] = _NOTHING_GIVEN,
    words: Collection[str] = (),
) -> Piece:
    """Compile the block of one record.

    `given` are fields that the language itself fills, `words` what else may stand in the block.
    """
    if not isinstance(node, Block):
        context.problem(node, f"`{place.path}` needs fields of {_short(shape)} below it")
        return constant(None)
    for key in node:
        if key not in shape.fields and key not in words:
            hint = suggestion(key, [*shape.fields])
            line = text_at(key, node.lines[key])
            context.problem(line, f"`{key}` is not a field of {_short(shape)}{hint}")
    parts = {
        name: _field(node, field, place, context, given) for name, field in shape.fields.items()
    }
    return record_of(parts)


def _field(
    node: Block, field: Field, place: Place, context: Context, given: Mapping[str, Piece]
) -> Piece:
    if field.name in node:
        inner = node[field.name]
        return compile_field(inner, field, place.below(field.name), context)
    if field.name in given:
        return given[field.name]
    if not field.may_be_left_out:
        context.problem(node, f"`{place.path}` needs `{field.name}`, which has no default")
        return constant(None)
    return constant(field.empty())


def compile_field(node: Any, field: Field, place: Place, context: Context) -> Piece:
    """Compile what fills one field."""
    shape = field.shape
    if isinstance(shape, Scalar | Coded | Dated):
        return compile_value(node, Target.of(field, shape), place, context)
    if isinstance(shape, ListOf):
        return _list(node, field, shape.item, place, context)
    if isinstance(shape, OneOf):
        return _branch(node, shape, place, context)
    words = ("when",) if field.nullable else ()
    piece = compile_record(node, shape, place, context, words=words)
    filled = _present(node, piece, place, context) if field.nullable else None
    return piece if filled is None else _null_unless(filled, piece)


def _null_unless(filled: Test, piece: Piece) -> Piece:
    get = piece.get

    def optional(row: Row, scope: Scope) -> Any:
        return get(row, scope) if filled(row, scope) else None

    return Piece(optional, piece.reads)


def _branch(node: Any, shape: OneOf, place: Place, context: Context) -> Piece:
    name = details_name(context.record_kind)
    branch = shape.branches[name]
    return _tagged(branch.name, compile_record(node, branch, place, context))


def _tagged(name: str, piece: Piece) -> Piece:
    """Put the record's full name beside it, which is how a choice of records is encoded."""
    if piece.constant:
        return constant((name, piece.value()))
    get = piece.get
    return Piece(lambda row, scope: (name, get(row, scope)), piece.reads)


def details_name(record_kind: str) -> str:
    """Give the name of the record that holds a kind's own facts."""
    return "".join(word.title() for word in record_kind.split("_")) + "Details"


def _list(node: Any, field: Field, item: Shape, place: Place, context: Context) -> Piece:
    if isinstance(item, Scalar | Coded | Dated):
        target = Target(item, field.name, None, field.code_list)
        return compile_texts(node, target, place, context)
    if not isinstance(node, Items):
        context.problem(node, f"`{place.path}` is a list: start each item with `- `")
        return constant([])
    assert isinstance(item, RecordOf)
    emitters = []
    reads: list[Any] = []
    for index, one in enumerate(_repeated(node, context)):
        at = Place(place.own, place.record, place.children, f"{place.path}.{index}")
        emit, seen = _item(one, item, at, context, f"{field.name}-{index + 1}")
        emitters.append(emit)
        reads.extend(seen)
    return _together(tuple(emitters), tuple(reads))


def _together(emitters: tuple[Emit, ...], reads: tuple[Any, ...]) -> Piece:
    def get(row: Row, scope: Scope) -> list[Any]:
        made: list[Any] = []
        for emit in emitters:
            emit(row, scope, made)
        return made

    return Piece(get, reads)


def _repeated(node: Items, context: Context) -> list[Any]:
    items: list[Any] = []
    for one in node:
        if not isinstance(one, Block) or "repeat" not in one:
            items.append(one)
            continue
        values = one["repeat"]
        if not isinstance(values, Items):
            context.problem(values, "`repeat` needs a list such as [1, 2, 3]")
            continue
        items.extend(_filled_in(one, str(value)) for value in values)
    return items


def _filled_in(node: Any, value: str) -> Any:
    """Copy a tree with `{n}` replaced by the value."""
    if isinstance(node, Text):
        return text_at(node.replace("{n}", value), node.line)
    if isinstance(node, Items):
        items = Items(_filled_in(one, value) for one in node)
        items.line = node.line
        return items
    block = Block(
        (key.replace("{n}", value), _filled_in(one, value))
        for key, one in node.items()
        if key != "repeat"
    )
    block.line, block.lines = node.line, node.lines
    block.lines |= {key.replace("{n}", value): line for key, line in node.lines.items()}
    return block


def _item(
    node: Any, shape: RecordOf, place: Place, context: Context, default_id: str
) -> tuple[Emit, tuple[Any, ...]]:
    if not isinstance(node, Block):
        context.problem(node, f"`{place.path}` needs fields of {_short(shape)}")
        return (lambda _row, _scope, _made: None), ()
    rows = compile_rows(node, place, context)
    inner = place if rows is None else place.in_rows(rows.columns)
    given = {}
    if "local_id" in shape.fields:
        given["local_id"] = _default_id(default_id, numbered=rows is not None)
    piece = compile_record(node, shape, inner, context, given=given, words=_ITEM_WORDS)
    present = _present(node, piece, inner, context)
    emit = _emit_one(piece, present, is_part="local_id" not in shape.fields)
    if rows is None:
        return emit, piece.reads
    return _emit_rows(emit, rows), rows.reads


def _default_id(name: str, *, numbered: bool) -> Piece:
    if not numbered:
        return constant(name)
    return Piece(lambda _row, scope: f"{name}-{scope.row_number}")


def _present(node: Any, piece: Piece, place: Place, context: Context) -> Test | None:
    filled = any_filled(piece.reads) if piece.reads else None
    if not isinstance(node, Block) or "when" not in node:
        return filled
    condition = compile_condition(node["when"], place, context)
    if filled is None:
        return condition
    return lambda row, scope: condition(row, scope) and filled(row, scope)


def _emit_one(piece: Piece, present: Test | None, *, is_part: bool) -> Emit:
    get = piece.get

    def emit(row: Row, scope: Scope, made: list[Any]) -> None:
        if present is not None and not present(row, scope):
            return
        try:
            made.append(get(row, scope))
        except MissingValue:
            if not is_part:
                raise

    return emit


def _emit_rows(emit: Emit, rows: Rows) -> Emit:
    find = rows.find

    def emit_each(row: Row, scope: Scope, made: list[Any]) -> None:
        outer = scope.row_number
        for number, own in enumerate(find(row, scope), start=1):
            scope.row_number = number
            emit(own, scope, made)
        scope.row_number = outer

    return emit_each


def _short(shape: RecordOf) -> str:
    return shape.name.rpartition(".")[2]
