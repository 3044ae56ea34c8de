"""Codes of a record against their lists, compiled from the schema (pure).

A field's `code_list` names its list. A code that is null with the department's own value beside
it is right: the value is in no list of ours. A code that is in no list is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

from recordbus.avro.source import Source
from recordbus.avro.tree import Field, Node
from recordbus.errors import Rejected

Check = Callable[[Any], None]
CodeLists = Callable[[str], Container[str]]


def compile_check(node: Node, lists: CodeLists) -> Check | None:
    """Give a function that raises Rejected `unknown_code` for a value of this type.

    None when the type has no coded field. `lists` gives a code list by its name.
    """
    if not _has_codes(node):
        return None
    source = Source({"refused": _refused})
    with source.function("check", "v"):
        _add(source, node, "v", 1, lists)
    return source.compile("check")


def _has_codes(node: Node) -> bool:
    if node.kind == "record":
        return any(_is_coded(field) or _has_codes(field.node) for field in node.fields)
    inner = node.branches if node.items is None else (node.items,)
    return any(map(_has_codes, inner))


def _is_coded(field: Field) -> bool:
    return "code_list" in field.properties


def _add(source: Source, node: Node, value: str, indent: int, lists: CodeLists) -> None:
    """Add lines that check a variable, which is not None, of a type that has codes."""
    if node.kind == "record":
        for field in node.fields:
            _add_field(source, field, value, indent, lists)
    elif node.items is not None:
        item = source.name()
        source.add(indent, f"for {item} in {value}:")
        _add(source, node.items, item, indent + 1, lists)
    elif node.names_its_branch:
        checks = {branch.name: compile_check(branch, lists) or _right for branch in node.branches}
        source.add(indent, f"{source.constant(checks)}[{value}[0]]({value}[1])")
    else:
        (branch,) = [branch for branch in node.branches if _has_codes(branch)]
        _add(source, branch, value, indent, lists)


def _add_field(source: Source, field: Field, value: str, indent: int, lists: CodeLists) -> None:
    held = source.name()
    if _is_coded(field):
        codes = source.constant(lists(field.properties["code_list"]))
        source.add(indent, f"{held} = {value}[{field.name!r}]", f"if {held} is not None:")
        source.add(indent + 1, f"{held} = {held}['code']")
        source.add(indent + 1, f"if {held} is not None and {held} not in {codes}:")
        source.add(indent + 2, f"raise refused({field.name!r})")
    elif _has_codes(field.node):
        source.add(indent, f"{held} = {value}[{field.name!r}]", f"if {held}:")
        _add(source, field.node, held, indent + 1, lists)


def _refused(name: str) -> Rejected:
    return Rejected("unknown_code", f"{name} has a code that is not in its list")


def _right(_value: Any) -> None:
    """Check what has no codes."""
