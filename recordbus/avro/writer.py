"""A schema compiled to one straight-line function that writes canonical Avro (pure).

Values are those that fastavro takes: a union of several records wants `(full name, fields)`,
timestamps are aware datetimes or whole microseconds. A field that has a default may be missing.
"""

from __future__ import annotations

from struct import Struct
from typing import Any, Final

from recordbus.avro.parts import SHORT_LENGTHS, int_bytes, lengths, micros, text, varint, zigzag
from recordbus.avro.reader import NotPlain
from recordbus.avro.source import Source
from recordbus.avro.tree import NO_DEFAULT, Field, Node
from recordbus.errors import Rejected

__all__ = ["PlainWriter", "text", "varint", "zigzag"]

_ATOMS: Final = {
    "null": "",
    "boolean": "",
    "enum": "",
    "int": "int_bytes",
    "long": "zigzag",
    "float": "f32",
    "double": "f64",
}
"""Kinds whose values one expression writes, with the function that does it where there is one."""


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
        self.add(value, parts)
        return b"".join(parts)

    def add(self, value: Any, parts: list[bytes]) -> None:
        """Add the bytes of a value to others, as parts to join; raises Rejected as `write` does."""
        try:
            self._write(value, parts)
        except (TypeError, LookupError, ValueError, AttributeError, OverflowError) as error:
            # The text of the original error quotes the value, which may be personal data.
            kind = type(error).__name__
            raise Rejected("not_encodable", f"a value does not fit its schema ({kind})") from None


class _WriterSource:
    """Writes functions that add the bytes of a value to a list, `o`.

    Expressions wait in `_pending` until a branch or a loop begins or ends, and are then added at
    once: one by one it would take half as long again.
    """

    def __init__(self, *, complete: bool, of_tuples: bool) -> None:
        self._complete = complete
        self._of_tuples = of_tuples
        self._pending: list[str] = []
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
        outer, self._pending = self._pending, []
        with self.source.function(name, "v, o"):
            self.value(node, "v", 1)
            self._flush(1)
        self._pending = outer

    def _flush(self, indent: int) -> None:
        """Add what is pending; a block always has a line."""
        added = f"o += ({', '.join(self._pending)},)" if self._pending else "pass"
        self.source.add(indent, added)
        self._pending = []

    def value(self, node: Node, value: str, indent: int, prefix: bytes = b"") -> None:
        """Add the lines that write the variable `value`, after a constant prefix."""
        if node.kind in _ATOMS:
            self._pending.append(self._atom(node, value, prefix))
        elif node.kind in ("string", "bytes"):
            self._sized(node, value, indent, prefix)
        elif node.kind == "record" and _is_small(node):
            found = self.source.name()
            self._remembered(node, value, found, indent, prefix)
            self._pending.append(found)
        else:
            if prefix:
                self._pending.append(repr(prefix))
            getattr(self, f"_{node.kind}")(node, value, indent)

    def _atom(self, node: Node, value: str, prefix: bytes) -> str:
        """Give the expression that writes a value."""
        if node.kind == "null":
            return repr(prefix)
        if node.kind == "boolean":
            yes, no = prefix + b"\1", prefix + b"\0"
            return f"{yes!r} if {value} else {no!r}"
        if node.kind == "enum":
            return f"{self.source.constant(_symbols(node, prefix))}[{value}]"
        function = "micros" if node.logical == "timestamp-micros" else _ATOMS[node.kind]
        return f"{prefix!r} + {function}({value})" if prefix else f"{function}({value})"

    def _sized(self, node: Node, value: str, indent: int, prefix: bytes) -> None:
        raw = self.source.name()
        self.source.add(indent, f"{raw} = {_raw(node, value)}")
        self._pending += (self._length(raw, prefix), raw)

    def _length(self, raw: str, prefix: bytes) -> str:
        """Give the expression that writes how long some bytes are, after a constant prefix."""
        table = self.source.constant(lengths(prefix))
        long = f"{prefix!r} + varint(2 * n)" if prefix else "varint(2 * n)"
        return f"{table}[n] if (n := len({raw})) < {SHORT_LENGTHS} else {long}"

    def _array(self, node: Node, value: str, indent: int) -> None:
        assert node.items is not None
        item = self.source.name()
        self._flush(indent)
        self.source.add(indent, f"if {value}:", f"    o += ({self._length(value, b'')},)")
        self.source.add(indent + 1, f"for {item} in {value}:")
        self.value(node.items, item, indent + 2)
        self._flush(indent + 2)
        self._pending.append(repr(b"\0"))

    def _union(self, node: Node, value: str, indent: int) -> None:
        others = [branch for branch in node.branches if branch.kind not in ("null", "record")]
        if node.names_its_branch and not others:
            self._named_branches(node, value, indent)
        elif sum(branch.kind != "null" for branch in node.branches) == 1:
            self._nullable(node, value, indent)
        else:
            raise NotPlain("a union of several plain types is not written here")

    def _nullable(self, node: Node, value: str, indent: int) -> None:
        """Write nothing, or the one branch that is something."""
        tags = {branch.kind: varint(2 * index) for index, branch in enumerate(node.branches)}
        (branch,) = [branch for branch in node.branches if branch.kind != "null"]
        tag, null = tags[branch.kind], tags.get("null")
        if null is None:
            self.value(branch, value, indent, tag)
        elif branch.kind in _ATOMS:
            self._pending.append(
                f"{null!r} if {value} is None else {self._atom(branch, value, tag)}"
            )
        elif branch.kind in ("string", "bytes"):
            self._nullable_sized(branch, value, indent, tag, null)
        elif branch.kind == "record" and _is_small(branch):
            found = self.source.name()
            self.source.add(indent, f"if {value} is None: {found} = {null!r}", "else:")
            self._remembered(branch, value, found, indent + 1, tag)
            self._pending.append(found)
        else:
            self._null_or(null, value, indent)
            self.value(branch, value, indent + 1, tag)
            self._flush(indent + 1)

    def _null_or(self, null: bytes, value: str, indent: int) -> None:
        self._flush(indent)
        self.source.add(indent, f"if {value} is None: o += ({null!r},)", "else:")

    def _nullable_sized(self, node: Node, value: str, indent: int, tag: bytes, null: bytes) -> None:
        raw, length = self.source.name(), self.source.name()
        self.source.add(indent, f"if {value} is None: {length}, {raw} = {null!r}, b''", "else:")
        self.source.add(indent + 1, f"{raw} = {_raw(node, value)}")
        self.source.add(indent + 1, f"{length} = {self._length(raw, tag)}")
        self._pending += (length, raw)

    def _named_branches(self, node: Node, value: str, indent: int) -> None:
        inner, table, entries = indent, self.source.name("branches"), []
        self._flush(indent)
        for index, branch in enumerate(node.branches):
            if branch.kind == "null":
                self._null_or(varint(2 * index), value, indent)
                inner += 1
            else:
                name = self.source.name("write")
                self.function(name, branch)
                entries.append(f"{branch.name!r}: ({varint(2 * index)!r}, {name})")
        chosen = self.source.name()
        self.source.define(f"{table} = {{{', '.join(entries)}}}")
        self.source.add(inner, f"{chosen} = {table}[{value}[0]]", f"o += ({chosen}[0],)")
        self.source.add(inner, f"{chosen}[1]({value}[1], o)")

    def _remembered(self, node: Node, value: str, found: str, indent: int, prefix: bytes) -> None:
        """Add lines that put into `found` the bytes that a small record had last time."""
        known, write, key = self.source.constant({}), self.source.name("write"), self.source.name()
        outer, self._pending = self._pending, []
        with self.source.function(write, "v, o"):
            self._record(node, "v", 1)
            self._flush(1)
        self._pending = outer
        members = ", ".join(self._members(node, value))
        self.source.add(indent, f"{key} = ({members},)", f"{found} = {known}.get({key})")
        self.source.add(indent, f"if {found} is None:", f"    p = [{prefix!r}]")
        self.source.add(indent + 1, f"{write}({value}, p)", f"{found} = b''.join(p)")
        self.source.add(indent + 1, f"if len({known}) >= {_REMEMBERED}: {known}.clear()")
        self.source.add(indent + 1, f"{known}[{key}] = {found}")

    def _record(self, node: Node, value: str, indent: int) -> None:
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


def _raw(node: Node, value: str) -> str:
    return f"{value}.encode()" if node.kind == "string" else value


def _symbols(node: Node, prefix: bytes) -> dict[str, bytes]:
    """Give what each symbol of an enum is written as, after a constant prefix."""
    return {symbol: prefix + varint(2 * index) for index, symbol in enumerate(node.symbols)}
