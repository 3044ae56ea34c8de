"""From a text to the value that a field needs: code tables, dates, numbers, words (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from producers.mapping.codes import Codes
from producers.mapping.context import Context, suggestion
from producers.mapping.conversions import (
    TRANSFORMS,
    NotANumber,
    Unreadable,
    boolean,
    date_reader,
    decimal,
    instant_reader,
    integer,
)
from producers.mapping.document import Block, Text
from producers.mapping.shape import Coded, Dated, Field, Scalar
from producers.mapping.spec import ValueRule

_CACHED_VALUES = 8192
_RANGES = {"int": 2**31, "long": 2**63}

Convert = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Target:
    """What a value is for: its shape, its name in messages, and what stands for nothing."""

    shape: Scalar | Coded | Dated
    name: str
    empty: Callable[[], Any] | None
    code_list: str | None = None

    @classmethod
    def of(cls, field: Field, shape: Scalar | Coded | Dated) -> Target:
        """Give the target that a field of a record is."""
        empty = field.empty if field.may_be_left_out else None
        return cls(shape, field.name, empty, field.code_list)


def converter(
    node: Text | Block, rule: ValueRule, target: Target, context: Context
) -> Convert | None:
    """Give the converter of a rule for a target; a mistake is noted and gives None."""
    transform = _transform(rule)
    shape = target.shape
    if isinstance(shape, Coded):
        return _coded(node, rule, target, transform, context)
    if isinstance(shape, Dated):
        formats = context.formats(node, rule.dates or context.source.dates)
        read_date = lru_cache(_CACHED_VALUES)(date_reader(formats))
        keep = rule.unreadable == "keep"
        return lambda text: _dated(text, transform, read_date, keep=keep)
    plain = _plain(node, rule, shape, context)
    if plain is None or (transform is None and plain is str):
        return plain
    return _then(transform, plain)


def _then(transform: Callable[[str], str] | None, plain: Convert) -> Convert:
    if transform is None:
        return lru_cache(_CACHED_VALUES)(plain)
    return lru_cache(_CACHED_VALUES)(lambda text: plain(transform(text)))


def _transform(rule: ValueRule) -> Callable[[str], str] | None:
    pattern = re.compile(rule.pattern) if rule.pattern else None
    take = re.compile(rule.take) if rule.take else None
    change = TRANSFORMS[rule.as_] if rule.as_ else None
    if pattern is None and take is None and change is None:
        return None

    def transform(text: str) -> str:
        if pattern and not pattern.fullmatch(text):
            raise Unreadable("does not have the form that the mapping declares")
        if take:
            match = take.search(text)
            if match is None:
                raise Unreadable("has no part that `take` looks for")
            text = match[1] or ""
        return change(text) if change else text

    return transform


def _dated(
    text: str,
    transform: Callable[[str], str] | None,
    read_date: Callable[[str], str],
    *,
    keep: bool,
) -> dict[str, str | None]:
    try:
        return {"value": read_date(transform(text) if transform else text), "source": text}
    except Unreadable:
        if not keep:
            raise
        return {"value": None, "source": text}


def _plain(
    node: Text | Block, rule: ValueRule, shape: Scalar | Coded | Dated, context: Context
) -> Convert | None:
    assert isinstance(shape, Scalar)
    match shape.kind:
        case "int" | "long":
            return _whole(_RANGES[shape.kind])
        case "double" | "float":
            return decimal
        case "boolean":
            return boolean
        case "instant":
            written = rule.dates or (*context.source.date_times, *context.source.dates)
            return instant_reader(context.formats(node, written), context.zone)
    return _words(node, rule, shape, context)


def _whole(limit: int) -> Convert:
    def read(text: str) -> int:
        value = integer(text)
        if not -limit <= value < limit:
            raise NotANumber("is too large a number")
        return value

    return read


def _words(node: Text | Block, rule: ValueRule, shape: Scalar, context: Context) -> Convert | None:
    codes = _table(node, rule, context)
    if rule.codes and codes is None:
        return None
    if codes is not None:
        _check_words(node, codes, shape, context)
        if shape.kind == "string" and codes.table.unknown == "keep":
            return _word_or_itself(codes.finder(must_know=False))
        return codes.finder(must_know=True)
    return _symbol(frozenset(shape.symbols)) if shape.kind == "enum" else str


def _word_or_itself(find: Callable[[str], str | None]) -> Convert:
    return lambda text: text if (word := find(text)) is None else word


def _check_words(node: Text | Block, codes: Codes, shape: Scalar, context: Context) -> None:
    for word in sorted(codes.targets - set(shape.symbols)) if shape.kind == "enum" else ():
        hint = suggestion(word, shape.symbols)
        context.problem(node, f"table `{codes.name}` gives {word!r}, not one of this field{hint}")


def _symbol(symbols: frozenset[str]) -> Convert:
    def read(text: str) -> str:
        if text not in symbols:
            raise Unreadable("is not one of the words of this field")
        return text

    return read


def _table(node: Text | Block, rule: ValueRule, context: Context) -> Codes | None:
    if rule.codes is None:
        return None
    codes = context.codes.get(rule.codes)
    if codes is None:
        hint = suggestion(rule.codes, context.codes)
        context.problem(node, f"there is no table `{rule.codes}` under `codes`{hint}")
    else:
        context.used_codes.add(rule.codes)
    return codes


def _coded(
    node: Text | Block,
    rule: ValueRule,
    target: Target,
    transform: Callable[[str], str] | None,
    context: Context,
) -> Convert | None:
    codes = _table(node, rule, context)
    if rule.codes and codes is None:
        return None
    _check_codes(node, codes, target, context)
    if codes is None and target.code_list is not None:
        codes = context.listed_codes(target.code_list)
    find = codes.finder(must_know=False) if codes else (lambda _written: None)

    def convert(text: str) -> dict[str, str | None]:
        return {"code": find(transform(text) if transform else text), "source": text}

    return lru_cache(_CACHED_VALUES)(convert)


def _check_codes(node: Text | Block, codes: Codes | None, target: Target, context: Context) -> None:
    known = context.vocabulary.code_list(target.code_list) if target.code_list else None
    if codes is None or known is None:
        return
    for code in sorted(codes.targets - set(known)):
        context.problem(
            node,
            f"table `{codes.name}` gives {code!r}, which is not in the list "
            f"`{target.code_list}` of `{target.name}`",
        )
