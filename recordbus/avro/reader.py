"""A schema compiled to one straight-line function that reads canonical Avro (pure).

The reader takes only the form that a plain writer produces: shortest varints, one block per
array, exact booleans, indexes in range, nothing left over. On anything else it raises `NotPlain`
without a reason; `walker` then finds the reason, or reads the odd but valid form.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import Any, Final

from recordbus.avro.passing import MAX_ITEMS, SINGLE_BYTE_SYMBOLS, add_length, add_number, pass_over
from recordbus.avro.sharing import is_small, read_shared
from recordbus.avro.source import Source
from recordbus.avro.tree import Node

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
_EXACT: Final = 1_000_000 << 33
"""Microseconds around 1970 within which a float of seconds tells each from the next."""


def instant(micros: int) -> datetime:
    """Give an instant by its microseconds since 1970; ValueError or OverflowError beyond dates."""
    if -_EXACT < micros < _EXACT:
        return datetime.fromtimestamp(micros / 1_000_000, UTC)
    return EPOCH + timedelta(microseconds=micros)


class NotPlain(Exception):
    """The bytes are wrong, or right in an unusual form: ask the walker."""


Wanted = Mapping[str, Collection[str]]
"""The fields that are read of a record type, by its full name; all of a type that is not named."""
_FAULTS: Final = (IndexError, KeyError, ValueError, OverflowError, NotPlain)


def read_varint(data: bytes, position: int) -> tuple[int, int]:
    """Read a shortest-form varint of at most 64 bits; give its value and the next position."""
    number = shift = 0
    while True:
        byte = data[position]
        position += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    if shift > 63 or number >> 64 or (byte == 0 and shift):
        raise NotPlain
    return number, position


class PlainReader:
    """Reads values of one schema in canonical form.

    `offset_of` names a field of the top record whose position is wanted too. `as_tuples` gives
    records as tuples of their fields, in order, at a part of the cost. Fields that `only` does not
    name are passed over: a value comes without them, and nobody looks whether they are well-formed.

    With `shares`, small records of texts are the very values that came with the same bytes before,
    and nobody may change one; tuples are shared anyhow.
    """

    def __init__(
        self,
        node: Node,
        *,
        offset_of: str | None = None,
        as_tuples: bool = False,
        shares: bool = False,
        only: Wanted | None = None,
    ) -> None:
        source = _ReaderSource(
            offset_of, as_tuples=as_tuples, shares=shares or as_tuples, only=only or {}
        )
        source.function("top", node, top=True)
        self._read: Callable[..., Any] = source.source.compile("top")

    def read(self, data: bytes, start: int = 0) -> tuple[Any, int]:
        """Give the value of the bytes from `start` to their end, and where the wanted field begins.

        That position is -1 when no field was wanted. Raises NotPlain when the bytes are not the
        canonical form of a value.
        """
        try:
            value, end, mark = self._read(data, start)
        except _FAULTS:
            raise NotPlain from None
        if end != len(data):
            raise NotPlain
        return value, mark

    def read_first(self, data: bytes, start: int) -> tuple[Any, int]:
        """Give the value that begins at `start`, whatever follows, and where that begins."""
        try:
            value, end, _ = self._read(data, start)
        except _FAULTS:
            raise NotPlain from None
        if end > len(data):
            raise NotPlain
        return value, end


class _ReaderSource:
    def __init__(
        self, offset_of: str | None, *, as_tuples: bool, shares: bool, only: Wanted
    ) -> None:
        self.offset_of = offset_of
        self.as_tuples = as_tuples
        self.shares = shares
        self.only = only
        self.source = Source(
            {
                "varint": read_varint,
                "NotPlain": NotPlain,
                "finite": math.isfinite,
                "instant": instant,
                "f32": Struct("<f").unpack_from,
                "f64": Struct("<d").unpack_from,
            }
        )

    def function(self, name: str, node: Node, *, top: bool = False) -> None:
        """Add a function that reads one value of a type."""
        target = self.source.name()
        with self.source.function(name, "d, p"):
            if top:
                self.source.add(1, "mark = -1")
            self.value(node, target, 1, top=top)
            self.source.add(1, f"return {target}, p, mark" if top else f"return {target}, p")

    def value(self, node: Node, target: str, indent: int, *, top: bool = False) -> None:
        """Add the lines that read one value into `target`."""
        if node.kind == "record" and self.shares and not top and is_small(node):
            read_shared(
                self.source, node, target, indent, lambda deep: self._record(node, target, deep)
            )
        elif node.kind == "record":
            self._record(node, target, indent, top=top)
        elif node.kind == "string":
            self._plain_kinds(node, "")
            self._length(indent)
            self.source.add(indent, "e = p + (n >> 1)", f"{target} = d[p:e].decode()", "p = e")
        else:
            getattr(self, f"_{node.kind}")(node, target, indent)

    def _number(self, indent: int) -> None:
        add_number(self.source, indent)

    def _length(self, indent: int) -> None:
        add_length(self.source, indent)

    def _null(self, _node: Node, target: str, indent: int) -> None:
        self.source.add(indent, f"{target} = None")

    def _boolean(self, _node: Node, target: str, indent: int) -> None:
        self.source.add(indent, "n = d[p]", "p += 1", "if n > 1: raise NotPlain")
        self.source.add(indent, f"{target} = n == 1")

    def _int(self, node: Node, target: str, indent: int) -> None:
        self._plain_kinds(node, "")
        self._number(indent)
        self.source.add(indent, "if n >> 32: raise NotPlain", f"{target} = (n >> 1) ^ -(n & 1)")

    def _long(self, node: Node, target: str, indent: int) -> None:
        self._plain_kinds(node, "timestamp-micros")
        self._number(indent)
        self.source.add(indent, f"{target} = (n >> 1) ^ -(n & 1)")
        if node.logical:
            self.source.add(indent, f"{target} = instant({target})")

    def _plain_kinds(self, node: Node, logical: str) -> None:
        if node.logical not in ("", logical):
            raise NotPlain(f"logical type {node.logical}")

    def _float(self, _node: Node, target: str, indent: int) -> None:
        self._ieee("f32", 4, target, indent)

    def _double(self, _node: Node, target: str, indent: int) -> None:
        self._ieee("f64", 8, target, indent)

    def _ieee(self, unpack: str, size: int, target: str, indent: int) -> None:
        self.source.add(indent, f"if p + {size} > len(d): raise NotPlain")
        self.source.add(indent, f"({target},) = {unpack}(d, p)", f"p += {size}")
        self.source.add(indent, f"if not finite({target}): raise NotPlain")

    def _bytes(self, node: Node, target: str, indent: int) -> None:
        self._plain_kinds(node, "")
        self._length(indent)
        self.source.add(indent, "e = p + (n >> 1)", f"{target} = d[p:e]", "p = e")

    def _enum(self, node: Node, target: str, indent: int) -> None:
        if len(node.symbols) > SINGLE_BYTE_SYMBOLS:
            self._number(indent)
        else:
            self.source.add(indent, "n = d[p]", "p += 1")
        symbols = {index * 2: symbol for index, symbol in enumerate(node.symbols)}
        self.source.add(indent, f"{target} = {self.source.constant(symbols)}[n]")

    def _array(self, node: Node, target: str, indent: int) -> None:
        assert node.items is not None
        item = self.source.name()
        self.source.add(indent, f"{target} = []")
        self._length(indent)
        self.source.add(indent, "if n:", f"    if n > {2 * MAX_ITEMS}: raise NotPlain")
        self.source.add(indent + 1, "for _ in range(n >> 1):")
        self.value(node.items, item, indent + 2)
        self.source.add(indent + 2, f"{target}.append({item})")
        self.source.add(indent + 1, "if d[p]: raise NotPlain", "p += 1")

    def _union(self, node: Node, target: str, indent: int) -> None:
        self.source.add(indent, "n = d[p]", "p += 1")
        for index, branch in enumerate(node.branches[:SINGLE_BYTE_SYMBOLS]):
            self.source.add(indent, f"{'elif' if index else 'if'} n == {index * 2}:")
            if node.names_its_branch and branch.kind == "record":
                self._branch(branch, target, indent + 1)
            else:
                self.value(branch, target, indent + 1)
        self.source.add(indent, "else: raise NotPlain")

    def _branch(self, branch: Node, target: str, indent: int) -> None:
        name = self.source.name("read")
        self.function(name, branch)
        self.source.add(indent, f"{target}, p = {name}(d, p)")
        self.source.add(indent, f"{target} = ({branch.name!r}, {target})")

    def _record(self, node: Node, target: str, indent: int, *, top: bool = False) -> None:
        targets: dict[str, str] = {}
        wanted = self.only.get(node.name)
        for field in node.fields:
            if top and field.name == self.offset_of:
                self.source.add(indent, "mark = p")
            if wanted is None or field.name in wanted:
                targets[field.name] = self.source.name()
                self.value(field.node, targets[field.name], indent)
            else:
                pass_over(self.source, field.node, indent)
        if self.as_tuples:
            self.source.add(indent, f"{target} = ({', '.join([*targets.values(), ''])})")
            return
        display = ", ".join(f"{name!r}: {variable}" for name, variable in targets.items())
        self.source.add(indent, f"{target} = {{{display}}}")

    def _map(self, _node: Node, _target: str, _indent: int) -> None:
        raise NotPlain("maps are read by the walker")

    def _fixed(self, _node: Node, _target: str, _indent: int) -> None:
        raise NotPlain("fixed is read by the walker")
