"""Reads Avro the slow and suspicious way: every fault has a reason and a byte (pure).

The walker is the authority on what is wrong with bytes that the plain reader would not take, and
it reads the rarer valid forms: arrays in several blocks, blocks that state their size. Its work
is bounded by the input: no recursion beyond the tree's depth, no allocation that a length asks
for but the bytes do not back.
"""

from __future__ import annotations

import math
from struct import Struct
from typing import Any, Final

from recordbus.avro.logical import LOGICAL
from recordbus.avro.passing import MAX_ITEMS
from recordbus.avro.tree import Node
from recordbus.errors import Rejected

MAX_LENGTH: Final = 2 * 1024 * 1024
"""Bytes in one text; a longer claim is a bad length, a shorter one past the end a truncation."""
MAX_ALL_ITEMS: Final = 100_000
"""Items of all arrays and maps together, which bounds the time spent on hostile bytes."""
MAX_VARINT_BYTES: Final = 10
_UNSIGNED: Final = {4: Struct("<f"), 8: Struct("<d")}


def walk(node: Node, data: bytes, start: int = 0) -> Any:
    """Give the value that the bytes from `start` to their end hold.

    Raises Rejected with a reason, the path of the field and the position of the fault.
    """
    return walk_with_bytes(node, data, start, "")[0]


def walk_with_bytes(node: Node, data: bytes, start: int, wanted: str) -> tuple[Any, bytes]:
    """Give what `walk` gives, and the bytes of one field of the top record, empty without it."""
    walker = _Walker(data, start, wanted)
    value = walker.value(node)
    if walker.position != len(data):
        left = len(data) - walker.position
        raise Rejected(
            "trailing_bytes",
            f"{left} bytes are left after the record, from byte {walker.position}",
            position=walker.position,
        )
    return value, walker.wanted_bytes


class _Walker:
    def __init__(self, data: bytes, start: int, wanted: str) -> None:
        self.wanted = wanted
        self.wanted_bytes = b""
        self.data = data
        self.position = start
        self.items = 0
        self.path: list[str] = []

    def value(self, node: Node) -> Any:
        """Read one value of a type, from where the last one ended."""
        start = self.position
        read = getattr(self, f"_{node.kind}")
        value = read(node)
        convert = LOGICAL.get(node.logical)
        if convert is None:
            return value
        try:
            return convert(value, node)
        except (ValueError, OverflowError, ArithmeticError):
            raise self._fault("logical_type", f"is no {node.logical}", start) from None

    def _fault(self, reason: str, what: str, position: int) -> Rejected:
        where = ".".join(self.path) or "the value"
        return Rejected(reason, f"{where} {what}, at byte {position}", position=position)

    def _take(self, size: int) -> bytes:
        start, end = self.position, self.position + size
        if end > len(self.data):
            raise self._fault("truncated", f"needs {end - len(self.data)} bytes more", start)
        self.position = end
        return self.data[start:end]

    def _number(self, bits: int = 64) -> int:
        start, number = self.position, 0
        for place in range(MAX_VARINT_BYTES):
            byte = self._take(1)[0]
            number |= (byte & 0x7F) << (7 * place)
            if byte < 0x80:
                if number >> bits:
                    raise self._fault("int_range", f"does not fit {bits} bits", start)
                if byte == 0 and place:
                    raise self._fault("not_canonical", "has a number padded with zeros", start)
                return (number >> 1) ^ -(number & 1)
        raise self._fault("int_range", f"takes more than {MAX_VARINT_BYTES} bytes", start)

    def _null(self, _node: Node) -> None:
        return None

    def _boolean(self, _node: Node) -> bool:
        byte = self._take(1)[0]
        if byte > 1:
            raise self._fault("bad_boolean", f"is {byte}, neither 0 nor 1", self.position - 1)
        return byte == 1

    def _int(self, _node: Node) -> int:
        return self._number(32)

    def _long(self, _node: Node) -> int:
        return self._number()

    def _float(self, _node: Node) -> float:
        return self._ieee(4)

    def _double(self, _node: Node) -> float:
        return self._ieee(8)

    def _ieee(self, size: int) -> float:
        start = self.position
        (value,) = _UNSIGNED[size].unpack(self._take(size))
        if not math.isfinite(value):
            raise self._fault("not_finite", "is not a finite number", start)
        return float(value)

    def _bytes(self, _node: Node) -> bytes:
        start = self.position
        size = self._number()
        if not 0 <= size <= MAX_LENGTH:
            raise self._fault("bad_length", f"has a length of {size} bytes", start)
        return self._take(size)

    def _fixed(self, node: Node) -> bytes:
        return self._take(node.size)

    def _string(self, node: Node) -> str:
        start = self.position
        raw = self._bytes(node)
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            position = self.position - len(raw) + error.start
            at = f"is not UTF-8 {error.start} bytes into the text that begins at byte {start}"
            raise self._fault("bad_utf8", at, position) from None

    def _index(self, size: int, what: str) -> int:
        start = self.position
        index = self._number()
        if not 0 <= index < size:
            raise self._fault("bad_index", f"has {what} {index} of {size}", start)
        return index

    def _enum(self, node: Node) -> str:
        return node.symbols[self._index(len(node.symbols), "enum index")]

    def _union(self, node: Node) -> Any:
        branch = node.branches[self._index(len(node.branches), "union index")]
        value = self.value(branch)
        named = node.names_its_branch and branch.kind == "record"
        return (branch.name, value) if named else value

    def _record(self, node: Node) -> dict[str, Any]:
        value = {}
        for field in node.fields:
            start = self.position
            self.path.append(field.name)
            value[field.name] = self.value(field.node)
            self.path.pop()
            if field.name == self.wanted and not self.path:
                self.wanted_bytes = self.data[start : self.position]
        return value

    def _array(self, node: Node) -> list[Any]:
        assert node.items is not None
        found: list[Any] = []
        while count := self._block(len(found)):
            size, expected_end = count
            for _ in range(size):
                self.path.append(str(len(found)))
                found.append(self.value(node.items))
                self.path.pop()
            self._block_ended(expected_end)
        return found

    def _map(self, node: Node) -> dict[str, Any]:
        assert node.items is not None
        found: dict[str, Any] = {}
        while count := self._block(len(found)):
            size, expected_end = count
            for _ in range(size):
                start, key = self.position, self._string(node)
                if key in found:
                    raise self._fault("duplicate_key", "holds a key twice", start)
                found[key] = self.value(node.items)
            self._block_ended(expected_end)
        return found

    def _block(self, so_far: int) -> tuple[int, int | None] | None:
        """Read a block's count, and where it must end if it says so; None after the last block."""
        start = self.position
        count, end = self._number(), None
        if count < 0:
            count = -count
            size = self._number()
            if not 0 <= size <= MAX_LENGTH:
                raise self._fault("bad_length", f"has a block of {size} bytes", start)
            end = self.position + size
        self.items += count
        if so_far + count > MAX_ITEMS or self.items > MAX_ALL_ITEMS:
            raise self._fault("too_many_items", f"has {so_far + count} items or more", start)
        return (count, end) if count else None

    def _block_ended(self, expected: int | None) -> None:
        if expected is not None and expected != self.position:
            raise self._fault("bad_length", "has a block of another size than stated", expected)
