"""A strict reading of YAML: every scalar stays text, and everything knows its place (pure).

Refused, since each has changed what a policy or mapping meant without anybody seeing it:
duplicate keys, anchors and aliases, merge keys, tags, a second document, empty values.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

import yaml

MAXIMUM_CHARACTERS = 512 * 1024
MAXIMUM_DEPTH = 40


class StrictYamlError(ValueError):
    """What is refused, and where: lines and columns count from 1."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.message = message


class Text(str):
    """A scalar as it was written, never turned into a boolean, number or date."""

    __slots__ = ("column", "line")
    line: int
    column: int


class Block(dict[str, Any]):
    """A mapping; `lines` and `columns` have the place of each key."""

    line: int
    column: int
    lines: dict[str, int]
    columns: dict[str, int]

    def __init__(self, *entries: Any) -> None:
        super().__init__(*entries)
        self.line = self.column = 1
        self.lines, self.columns = {}, {}


class Items(list[Any]):
    """A sequence."""

    line: int = 1
    column: int = 1


def text_at(value: str, line: int, column: int = 1) -> Text:
    """Give a text that claims to stand there."""
    made = Text(value)
    made.line, made.column = line, column
    return made


def read_strictly(text: str, *, starts_with: str) -> Block:
    """Read one YAML document into blocks, items and texts; raises StrictYamlError.

    `starts_with` is a key that such a file may start with, for the message.
    """
    return _Reader(text, starts_with).document()


class _Reader:
    """Builds the tree from the parser's events, where anchors and tags can still be seen."""

    def __init__(self, text: str, starts_with: str) -> None:
        self._starts_with = starts_with
        self._depth = 0
        if len(text) > MAXIMUM_CHARACTERS:
            _refuse((1, 1), f"the file is longer than {MAXIMUM_CHARACTERS} characters")
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.SafeLoader)

    def document(self) -> Block:
        self._next()  # start of stream
        if isinstance(self._next(), yaml.StreamEndEvent):
            _refuse((1, 1), "the file is empty")
        root = self._node(self._next())
        self._next()  # end of document
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            _refuse(_place(after), "a second document starts here; keep one per file")
        if not isinstance(root, Block):
            _refuse(
                (root.line, root.column),
                f"the file must start with keys such as `{self._starts_with}:`",
            )
        return root

    def _next(self) -> yaml.Event:
        try:
            return next(self._events)
        except yaml.YAMLError as error:
            mark: Any = getattr(error, "problem_mark", None)
            says = getattr(error, "problem", None) or "unreadable characters"
            _refuse((mark.line + 1, mark.column + 1) if mark else (1, 1), f"not YAML: {says}")

    def _node(self, event: yaml.Event) -> Text | Block | Items:
        self._check(event)
        if isinstance(event, yaml.ScalarEvent):
            return text_at(event.value, *_place(event))
        self._depth += 1
        if self._depth > MAXIMUM_DEPTH:
            _refuse(_place(event), f"nested deeper than {MAXIMUM_DEPTH} levels")
        made = self._items(event) if isinstance(event, yaml.SequenceStartEvent) else None
        node = made if made is not None else self._block(event)
        self._depth -= 1
        return node

    def _items(self, start: yaml.Event) -> Items:
        items = Items()
        items.line, items.column = _place(start)
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            self._check_not_empty(event, "an item of this list")
            items.append(self._node(event))
        return items

    def _block(self, start: yaml.Event) -> Block:
        block = Block()
        block.line, block.column = _place(start)
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._key(event)
            if key in block:
                _refuse(_place(event), f"`{key}` stands here twice (line {block.lines[key]})")
            value = self._next()
            self._check_not_empty(value, f"`{key}`")
            block.lines[key], block.columns[key] = _place(event)
            block[key] = self._node(value)
        return block

    def _key(self, event: yaml.Event) -> str:
        self._check(event)
        if not isinstance(event, yaml.ScalarEvent):
            _refuse(_place(event), "a key must be plain text")
        if event.value == "<<":
            _refuse(_place(event), "merge keys (`<<`) are not allowed; write the keys out")
        return str(event.value)

    def _check(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            _refuse(_place(event), "anchors and aliases are not allowed; write it out")
        if getattr(event, "tag", None):
            _refuse(_place(event), "tags (`!`) are not allowed; every value here is text")

    def _check_not_empty(self, event: yaml.Event, what: str) -> None:
        if isinstance(event, yaml.ScalarEvent) and event.value == "" and event.style is None:
            _refuse(_place(event), f'{what} has no value; leave it out, or write ""')


def _refuse(place: tuple[int, int], message: str) -> NoReturn:
    raise StrictYamlError(*place, message)


def _place(event: yaml.Event) -> tuple[int, int]:
    mark: Any = event.start_mark
    return int(mark.line) + 1, int(mark.column) + 1


def place_of(root: Block, path: tuple[int | str, ...]) -> tuple[int, int]:
    """Give line and column of the deepest part of the path that the document has."""
    node: Any = root
    place = root.line, root.column
    for step in path:
        if isinstance(node, Block) and isinstance(step, str) and step in node:
            place, node = (node.lines[step], node.columns.get(step, 1)), node[step]
        elif isinstance(node, Items) and isinstance(step, int) and step < len(node):
            node = node[step]
            place = node.line, node.column
        else:
            break
    return place


def plain(node: Text | Block | Items) -> Any:
    """Give a tree as dictionaries, tuples and plain strings."""
    if isinstance(node, Block):
        return {key: plain(value) for key, value in node.items()}
    return tuple(plain(value) for value in node) if isinstance(node, Items) else str(node)
