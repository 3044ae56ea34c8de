"""A strict reading of YAML: every scalar stays text, and everything knows its line.

Refused, since each has changed what a policy or mapping meant without anybody seeing it:
duplicate keys, anchors and aliases, merge keys, tags, a second document, empty values.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

import yaml

from producers.mapping.problems import MappingInvalid, Problem

MAXIMUM_CHARACTERS = 512 * 1024
MAXIMUM_DEPTH = 40


class Text(str):
    """A scalar as it was written, never turned into a boolean, number or date."""

    __slots__ = ("line",)
    line: int


class Block(dict[str, Any]):
    """A mapping; `lines` has the line of each key."""

    line: int
    lines: dict[str, int]


class Items(list[Any]):
    """A sequence."""

    line: int


def text_at(value: str, line: int) -> Text:
    """Give a text that claims to stand on that line."""
    made = Text(value)
    made.line = line
    return made


def read(text: str, *, name: str) -> Block:
    """Read one YAML document into blocks, items and texts; `name` is for the messages."""
    return _Reader(text, name).document()


class _Reader:
    """Builds the tree from the parser's events, where anchors and tags can still be seen."""

    def __init__(self, text: str, name: str) -> None:
        self._name = name
        self._depth = 0
        if len(text) > MAXIMUM_CHARACTERS:
            self._refuse(1, f"the file is longer than {MAXIMUM_CHARACTERS} characters")
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.SafeLoader)

    def document(self) -> Block:
        self._next()  # start of stream
        if isinstance(self._next(), yaml.StreamEndEvent):
            self._refuse(1, "the file is empty")
        root = self._node(self._next())
        self._next()  # end of document
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            self._refuse(_line(after), "a second document starts here; keep one per file")
        if not isinstance(root, Block):
            self._refuse(root.line, "the file must start with keys such as `mapping:`")
        return root

    def _next(self) -> yaml.Event:
        try:
            return next(self._events)
        except yaml.YAMLError as error:
            mark: Any = getattr(error, "problem_mark", None)
            says = getattr(error, "problem", None) or "unreadable characters"
            self._refuse(mark.line + 1 if mark else 1, f"not YAML: {says}")

    def _node(self, event: yaml.Event) -> Text | Block | Items:
        self._check(event)
        if isinstance(event, yaml.ScalarEvent):
            return text_at(event.value, _line(event))
        self._depth += 1
        if self._depth > MAXIMUM_DEPTH:
            self._refuse(_line(event), f"nested deeper than {MAXIMUM_DEPTH} levels")
        made = self._items(event) if isinstance(event, yaml.SequenceStartEvent) else None
        node = made if made is not None else self._block(event)
        self._depth -= 1
        return node

    def _items(self, start: yaml.Event) -> Items:
        items = Items()
        items.line = _line(start)
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            self._check_not_empty(event, "an item of this list")
            items.append(self._node(event))
        return items

    def _block(self, start: yaml.Event) -> Block:
        block = Block()
        block.line, block.lines = _line(start), {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event)
            if key in block:
                self._refuse(_line(event), f"`{key}` stands here twice (line {block.lines[key]})")
            value = self._next()
            self._check_not_empty(value, f"`{key}`")
            block.lines[key] = _line(event)
            block[key] = self._node(value)
        return block

    def _key(self, event: yaml.Event) -> str:
        self._check(event)
        if not isinstance(event, yaml.ScalarEvent):
            self._refuse(_line(event), "a key must be plain text")
        if event.value == "<<":
            self._refuse(_line(event), "merge keys (`<<`) are not allowed; write the keys out")
        return str(event.value)

    def _check(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._refuse(_line(event), "anchors and aliases are not allowed; write it out")
        if getattr(event, "tag", None):
            self._refuse(_line(event), "tags (`!`) are not allowed; every value here is text")

    def _check_not_empty(self, event: yaml.Event, what: str) -> None:
        if isinstance(event, yaml.ScalarEvent) and event.value == "" and event.style is None:
            self._refuse(_line(event), f'{what} has no value; leave it out, or write ""')

    def _refuse(self, line: int, message: str) -> NoReturn:
        raise MappingInvalid(self._name, [Problem(line, message)])


def _line(event: yaml.Event) -> int:
    mark: Any = event.start_mark
    return int(mark.line) + 1


def line_of(root: Block, path: tuple[int | str, ...]) -> int:
    """Give the line of the deepest part of the path that the document has."""
    node: Any = root
    line = root.line
    for step in path:
        if isinstance(node, Block) and isinstance(step, str) and step in node:
            line, node = node.lines[step], node[step]
        elif isinstance(node, Items) and isinstance(step, int) and step < len(node):
            node = node[step]
            line = node.line
        else:
            break
    return line
