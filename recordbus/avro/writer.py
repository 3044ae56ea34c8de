"""A schema compiled to one straight-line function that writes canonical Avro (pure).

Values are those that fastavro takes: a union of several records wants `(full name, fields)`,
timestamps are aware datetimes or whole microseconds. A field that has a default may be missing.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from struct import Struct
from typing import Any, Final

from recordbus.avro.reader import EPOCH, MICROSECOND, NotPlain
from recordbus.avro.source import Source
from recordbus.avro.tree import NO_DEFAULT, Field, Node
from recordbus.errors import Rejected

_TWO_DIGITS: Final = 14
_TABLE_SIZE: Final = 1 << _TWO_DIGITS
_LAST: Final = tuple(
    bytes((number,)) if number < 0x80 else bytes((number & 0x7F | 0x80, number >> 7))
    for number in range(_TABLE_SIZE)
)
_MORE: Final = tuple(
    bytes((number & 0x7F | 0x80, number >> 7 | 0x80)) for number in range(_TABLE_SIZE)
)


def _varint(number: int) -> bytes:
    """Encode an unsigned number of at most 64 bits, two digits of seven bits at a time."""
    if number < 0 or number >> 64:
        raise OverflowError("the number does not fit 64 bits")
    out = b""
    while number >= _TABLE_SIZE:
        out += _MORE[number & _TABLE_SIZE - 1]
        number >>= _TWO_DIGITS
    return out + _LAST[number]


def varint(number: int) -> bytes:
    """Encode an unsigned number: twice a length, or a zigzag value."""
    return _LAST[number] if 0 <= number < _TABLE_SIZE else _varint(number)


_SHORT_LENGTHS: Final = 256


@cache
def _lengths(prefix: bytes) -> tuple[bytes, ...]:
    """Give the encodings of short lengths, each after a constant prefix."""
    return tuple(prefix + varint(2 * length) for length in range(_SHORT_LENGTHS))


_TEXT_LENGTHS: Final = _lengths(b"")


def text(value: str) -> bytes:
    """Encode a string, its length before it."""
    encoded = value.encode()
    length = len(encoded)
    return (_TEXT_LENGTHS[length] if length < _SHORT_LENGTHS else varint(2 * length)) + encoded


def zigzag(number: int) -> bytes:
    """Encode a signed number of at most 64 bits."""
    return varint((number << 1) ^ (number >> 63))


def int_bytes(number: int) -> bytes:
    """Encode a signed number of at most 32 bits."""
    if not -(1 << 31) <= number < 1 << 31:
        raise OverflowError("the number does not fit 32 bits")
    return zigzag(number)


def micros(instant: datetime | int) -> bytes:
    """Encode an aware instant, or microseconds since 1970, as a timestamp."""
    if not isinstance(instant, int):
        instant = (instant - EPOCH) // MICROSECOND
    return zigzag(instant)


_REMEMBERED: Final = 4096


def _is_small(node: Node) -> bool:
    """Say whether a record is one or two nullable texts: a code or a date, mostly seen before."""
    kinds = [frozenset(branch.kind for branch in field.node.branches) for field in node.fields]
    return 1 <= len(kinds) <= 2 and all(each == {"null", "string"} for each in kinds)


class PlainWriter:
    """Writes values of one schema.

    `complete` says that every field is in every value, defaults or not; that is faster. With
    `of_tuples` records are given as tuples of their fields, in order: all of them.
    """

    def __init__(self, node: Node, *, complete: bool = False, of_tuples: bool = False) -> None:
        source = _WriterSource(complete=complete, of_tuples=of_tuples)
        source.function("top", node)
        self._write = source.source.compile("top")

    def write(self, value: Any) -> bytes:
        """Give the bytes of a value.

        Raises Rejected `not_encodable`, without the content, when it does not fit the schema.
        """
        parts: list[bytes] = []
        try:
            self._write(value, parts.append)
        except (TypeError, LookupError, ValueError, AttributeError, OverflowError) as error:
            # The text of the original error quotes the value, which may be personal data.
            kind = type(error).__name__
            raise Rejected("not_encodable", f"a value does not fit its schema ({kind})") from None
        return b"".join(parts)


class _WriterSource:
    def __init__(self, *, complete: bool, of_tuples: bool) -> None:
        self._complete = complete
        self._of_tuples = of_tuples
        self.source = Source(
            {
                "varint": varint,
                "zigzag": zigzag,
                "int_bytes": int_bytes,
                "micros": micros,
                "f32": Struct("<f").pack,
                "f64": Struct("<d").pack,
            }
        )

    def function(self, name: str, node: Node) -> None:
        """Add a function that writes one value of a type."""
        with self.source.function(name, "v, w"):
            self.value(node, "v", 1)

    def value(self, node: Node, value: str, indent: int, prefix: bytes = b"") -> None:
        """Add the lines that write the expression `value`, after a constant prefix."""
        kind = node.kind
        if kind == "null":
            self.source.add(indent, f"w({prefix!r})" if prefix else "pass")
            return
        if kind in ("string", "bytes"):
            self._sized(f"{value}.encode()" if kind == "string" else value, indent, prefix)
            return
        if prefix:
            self.source.add(indent, f"w({prefix!r})")
        getattr(self, f"_{kind}")(node, value, indent)

    def _sized(self, expression: str, indent: int, prefix: bytes) -> None:
        lengths = self.source.constant(_lengths(prefix))
        self.source.add(indent, f"b = {expression}", "n = len(b)")
        long = f"{prefix!r} + varint(2 * n)" if prefix else "varint(2 * n)"
        self.source.add(indent, f"w({lengths}[n] if n < {_SHORT_LENGTHS} else {long})", "w(b)")

    def _boolean(self, _node: Node, value: str, indent: int) -> None:
        self.source.add(indent, f"w(b'\\1' if {value} else b'\\0')")

    def _int(self, _node: Node, value: str, indent: int) -> None:
        self.source.add(indent, f"w(int_bytes({value}))")

    def _long(self, node: Node, value: str, indent: int) -> None:
        function = "micros" if node.logical == "timestamp-micros" else "zigzag"
        self.source.add(indent, f"w({function}({value}))")

    def _float(self, _node: Node, value: str, indent: int) -> None:
        self.source.add(indent, f"w(f32({value}))")

    def _double(self, _node: Node, value: str, indent: int) -> None:
        self.source.add(indent, f"w(f64({value}))")

    def _enum(self, node: Node, value: str, indent: int) -> None:
        symbols = {symbol: varint(2 * index) for index, symbol in enumerate(node.symbols)}
        self.source.add(indent, f"w({self.source.constant(symbols)}[{value}])")

    def _array(self, node: Node, value: str, indent: int) -> None:
        assert node.items is not None
        item = self.source.name()
        self.source.add(indent, f"if {value}:", f"    w(varint(2 * len({value})))")
        self.source.add(indent + 1, f"for {item} in {value}:")
        self.value(node.items, item, indent + 2)
        self.source.add(indent, "w(b'\\0')")

    def _union(self, node: Node, value: str, indent: int) -> None:
        records = [branch for branch in node.branches if branch.kind == "record"]
        others = [branch for branch in node.branches if branch.kind not in ("null", "record")]
        if node.names_its_branch and not others:
            self._named_branches(node, value, indent)
        elif len(records) + len(others) == 1:
            self._nullable(node, value, indent)
        else:
            raise NotPlain("a union of several plain types is not written here")

    def _null_branch(self, node: Node, value: str, indent: int) -> bool:
        for index, branch in enumerate(node.branches):
            if branch.kind == "null":
                self.source.add(indent, f"if {value} is None: w({varint(2 * index)!r})", "else:")
                return True
        return False

    def _nullable(self, node: Node, value: str, indent: int) -> None:
        inner = indent + self._null_branch(node, value, indent)
        for index, branch in enumerate(node.branches):
            if branch.kind != "null":
                self.value(branch, value, inner, varint(2 * index))

    def _named_branches(self, node: Node, value: str, indent: int) -> None:
        inner = indent + self._null_branch(node, value, indent)
        table = self.source.name("branches")
        entries = []
        for index, branch in enumerate(node.branches):
            if branch.kind == "record":
                name = self.source.name("write")
                self.function(name, branch)
                entries.append(f"{branch.name!r}: ({varint(2 * index)!r}, {name})")
        chosen = self.source.name()
        self.source.define(f"{table} = {{{', '.join(entries)}}}")
        self.source.add(inner, f"{chosen} = {table}[{value}[0]]", f"w({chosen}[0])")
        self.source.add(inner, f"{chosen}[1]({value}[1], w)")

    def _record(self, node: Node, value: str, indent: int) -> None:
        if not node.fields:
            self.source.add(indent, "pass")
        if _is_small(node):
            self._remembered(node, value, indent)
        else:
            self._fields(node, value, indent)

    def _remembered(self, node: Node, value: str, indent: int) -> None:
        """Add lines that write a small record from the bytes it had last time."""
        known, write = self.source.constant({}), self.source.name("write")
        key, found = self.source.name(), self.source.name()
        with self.source.function(write, "v, w"):
            self._fields(node, "v", 1)
        members = ", ".join(self._members(node, value))
        self.source.add(indent, f"{key} = ({members},)", f"{found} = {known}.get({key})")
        self.source.add(indent, f"if {found} is None:", "    p = []")
        self.source.add(indent + 1, f"{write}({value}, p.append)", f"{found} = b''.join(p)")
        self.source.add(indent + 1, f"if len({known}) >= {_REMEMBERED}: {known}.clear()")
        self.source.add(indent + 1, f"{known}[{key}] = {found}")
        self.source.add(indent, f"w({found})")

    def _fields(self, node: Node, value: str, indent: int) -> None:
        for field, member in zip(node.fields, self._members(node, value), strict=True):
            variable = self.source.name()
            self.source.add(indent, f"{variable} = {member}")
            self.value(field.node, variable, indent)

    def _members(self, node: Node, value: str) -> list[str]:
        """Give the expressions for a record's fields."""
        if self._of_tuples:
            return [f"{value}[{at}]" for at in range(len(node.fields))]
        return [self._member(value, field) for field in node.fields]

    def _member(self, value: str, field: Field) -> str:
        if self._complete:
            return f"{value}[{field.name!r}]"
        if field.default is NO_DEFAULT or not isinstance(field.default, str | int | None):
            if field.default == []:
                return f"{value}.get({field.name!r}, ())"
            return f"{value}[{field.name!r}]"
        return f"{value}.get({field.name!r}, {field.default!r})"

    def _map(self, _node: Node, _value: str, _indent: int) -> None:
        raise NotPlain("maps are not written here")

    def _fixed(self, _node: Node, _value: str, _indent: int) -> None:
        raise NotPlain("fixed is not written here")
