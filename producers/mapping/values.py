"""Value rules: from a cell to one value of our schema (pure).

Nothing is guessed: an empty cell gives null where the schema allows it and a refusal where it
does not; a text that cannot be read is refused, or kept as source text where the mapping says so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from producers.mapping.codes import Dropped
from producers.mapping.conditions import compile_condition
from producers.mapping.context import Context, read_model, suggestion
from producers.mapping.conversions import Unreadable
from producers.mapping.converters import Convert, Target, converter
from producers.mapping.document import Block, Items, Text
from producers.mapping.pieces import (
    Get,
    MissingValue,
    Piece,
    Place,
    Row,
    Scope,
    any_filled,
    cell,
    constant,
)
from producers.mapping.shape import Coded, Scalar
from producers.mapping.spec import ValueRule
from recordbus.errors import Rejected

_BASIS_FIELDS = frozenset({"basis", "contact_basis"})


def compile_value(node: Any, target: Target, place: Place, context: Context) -> Piece:
    """Compile a rule to a piece; mistakes are noted in the context and give a null piece."""
    if isinstance(node, Items):
        context.problem(node, f"`{target.name}` takes one value, not a list")
        return constant(None)
    rule = _as_rule(node, target, context)
    if rule is None:
        return constant(None)
    if rule.constant is not None:
        return _constant(node, rule.constant, target, context)
    read = _source_text(node, rule, place, context)
    convert = converter(node, rule, target, context)
    if read is None or convert is None:
        return constant(None)
    text, reads = read
    get = _guarded(text.get, convert, rule, target, place)
    return _with_conditions(rule, Piece(get, reads), target, place, context)


def compile_texts(node: Any, target: Target, place: Place, context: Context) -> Piece:
    """Compile what fills a list of values: one rule, a rule with `split`, or a list of rules."""
    nodes = list(node) if isinstance(node, Items) else [node]
    pieces = [_compile_many(one, target, place, context) for one in nodes]
    gets = tuple(piece.get for piece in pieces)

    def get(row: Row, scope: Scope) -> list[Any]:
        return [value for fill in gets for value in fill(row, scope)]

    if all(piece.constant for piece in pieces):
        return constant([value for piece in pieces for value in piece.value()])
    return Piece(get, tuple(read for piece in pieces for read in piece.reads))


def _compile_many(node: Any, target: Target, place: Place, context: Context) -> Piece:
    splitter = node.get("split") if isinstance(node, Block) else None
    optional = Target(target.shape, target.name, lambda: None, target.code_list)
    if splitter is None:
        one = compile_value(node, optional, place, context)
        return Piece(lambda row, scope: _kept([one.get(row, scope)]), one.reads, one.constant)
    rule = _as_rule(node, target, context)
    read = _source_text(node, rule, place, context) if rule else None
    convert = converter(node, rule, target, context) if rule else None
    if rule is None or read is None or convert is None:
        return constant([])
    part = _guarded(lambda row, _scope: row[0], convert, rule, optional, place)
    text = read[0].get

    def get(row: Row, scope: Scope) -> list[Any]:
        cut = (found.strip() for found in text(row, scope).split(splitter))
        return _kept([part((found,), scope) for found in cut if found])

    return _with_conditions(rule, Piece(get, read[1]), _NO_PARTS, place, context)


def _kept(values: list[Any]) -> list[Any]:
    return [value for value in values if value is not None]


_NO_PARTS = Target(Scalar("string"), "parts", list)


def _as_rule(node: Any, target: Target, context: Context) -> ValueRule | None:
    if isinstance(node, Text):
        if node.startswith("="):
            return ValueRule(constant=str(node[1:]))
        if not node:
            context.problem(node, f"`{target.name}` names no column")
            return None
        return ValueRule(column=str(node))
    rule = read_model(ValueRule, node, context.problems, node)
    if rule and rule.otherwise is not None and target.name in _BASIS_FIELDS:
        context.problem(node, f"`{target.name}` may have no `otherwise`: a basis is never assumed")
    return rule


def _source_text(
    node: Text | Block, rule: ValueRule, place: Place, context: Context
) -> tuple[Piece, tuple[Any, ...]] | None:
    names = [rule.column] if rule.column else list(rule.first_of or rule.join or ())
    reads = [place.find(str(name)) for name in names]
    for name, read in zip(names, reads, strict=True):
        if read is None:
            context.problem(node, f"there is no column `{name}`")
    found = tuple(read for read in reads if read is not None)
    if len(found) != len(names):
        return None
    cells = [cell(read) for read in found]
    if rule.join is not None:
        return Piece(_joined(cells, rule.with_), found), found
    return Piece(cells[0] if len(cells) == 1 else _first(cells), found), found


def _joined(cells: list[Get], between: str) -> Get:
    def get(row: Row, scope: Scope) -> str:
        return between.join(text for read in cells if (text := read(row, scope)))

    return get


def _first(cells: list[Get]) -> Get:
    def get(row: Row, scope: Scope) -> str:
        return next((text for read in cells if (text := read(row, scope))), "")

    return get


def _guarded(text: Get, convert: Convert, rule: ValueRule, target: Target, place: Place) -> Get:
    nothing = target.empty
    label = f"{place.path} (column {_columns(rule)})"
    keep = rule.unreadable == "keep" and nothing is not None
    required = rule.required
    wrong_reason = "unknown_basis" if target.name in _BASIS_FIELDS else None

    def get(row: Row, scope: Scope) -> Any:
        found = text(row, scope)
        if not found:
            return _nothing(label, nothing, required=required)
        try:
            return convert(found)
        except Unreadable as error:
            if keep:
                return nothing() if nothing else None
            raise Rejected(wrong_reason or error.reason, f"{label} {error}") from None
        except Dropped:
            return _nothing(label, nothing, required=required)

    return get


def _nothing(label: str, nothing: Callable[[], Any] | None, *, required: bool) -> Any:
    if required:
        raise Rejected("missing_required", f"{label} is empty")
    if nothing is None:
        raise MissingValue(label)
    return nothing()


def _columns(rule: ValueRule) -> str:
    return rule.column or " + ".join(rule.first_of or rule.join or ())


def _constant(node: Text | Block, written: str, target: Target, context: Context) -> Piece:
    try:
        return constant(_constant_value(node, written, target, context))
    except ValueError as error:
        context.problem(node, f"`{target.name}`: {written!r} {error}")
        return constant(None)


def _constant_value(node: Text | Block, written: str, target: Target, context: Context) -> Any:
    shape = target.shape
    if isinstance(shape, Coded):
        known = context.vocabulary.code_list(target.code_list) if target.code_list else None
        if known is not None and written not in known:
            raise ValueError(f"is not a code of the list `{target.code_list}`")
        return {"code": written, "source": None}
    if isinstance(shape, Scalar) and shape.kind == "enum" and written not in shape.symbols:
        raise ValueError(f"is not one of its words{suggestion(written, shape.symbols)}")
    convert = converter(node, ValueRule(constant=written), target, context)
    return convert(written) if convert else None


def _with_conditions(
    rule: ValueRule, piece: Piece, target: Target, place: Place, context: Context
) -> Piece:
    if rule.otherwise is not None:
        fallback = compile_value(rule.otherwise, target, place, context)
        piece = _otherwise(rule, piece, fallback, place)
    if rule.when is None:
        return piece
    test = compile_condition(rule.when, place, context)
    label, nothing, get = place.path, target.empty, piece.get

    def conditional(row: Row, scope: Scope) -> Any:
        if test(row, scope):
            return get(row, scope)
        return _nothing(label, nothing, required=False)

    return Piece(conditional, piece.reads)


def _otherwise(rule: ValueRule, piece: Piece, fallback: Piece, place: Place) -> Piece:
    filled = _filled(rule, place)
    first, second = piece.get, fallback.get

    def get(row: Row, scope: Scope) -> Any:
        return first(row, scope) if filled(row, scope) else second(row, scope)

    return Piece(get, (*piece.reads, *fallback.reads))


def _filled(rule: ValueRule, place: Place) -> Callable[[Row, Scope], bool]:
    names = [rule.column] if rule.column else list(rule.first_of or rule.join or ())
    return any_filled([read for name in names if (read := place.find(str(name))) is not None])
