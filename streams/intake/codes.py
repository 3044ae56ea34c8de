"""Codes of a record against their lists, compiled from the schema (pure).

A field's `code_list` names its list. A code that is null with the department's own value beside
it is right: the value is in no list of ours. A code that is in no list is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

from recordbus.avro.tree import Field, Node
from recordbus.errors import Rejected

Check = Callable[[Any], None]
CodeLists = Callable[[str], Container[str]]


def compile_check(node: Node, lists: CodeLists) -> Check | None:
    """Give a function that raises Rejected `unknown_code` for a value of this type.

    None when the type has no coded field. `lists` gives a code list by its name.
    """
    if node.kind == "record":
        return _record(node, lists)
    if node.kind == "array" and node.items is not None:
        inner = compile_check(node.items, lists)
        return None if inner is None else _array(inner)
    if node.kind == "union":
        return _union(node, lists)
    return None


def _record(node: Node, lists: CodeLists) -> Check | None:
    coded = [(f.name, lists(f.properties["code_list"])) for f in node.fields if _is_coded(f)]
    inner = [
        (field.name, check)
        for field in node.fields
        if not _is_coded(field) and (check := compile_check(field.node, lists)) is not None
    ]
    if not coded and not inner:
        return None

    def check_record(value: Any) -> None:
        for name, codes in coded:
            held = value[name]
            if held is not None:
                code = held["code"]
                if code is not None and code not in codes:
                    raise Rejected("unknown_code", f"{name} has a code that is not in its list")
        for name, check in inner:
            held = value[name]
            if held:
                check(held)

    return check_record


def _is_coded(field: Field) -> bool:
    return "code_list" in field.properties


def _array(inner: Check) -> Check:
    def check_array(value: Any) -> None:
        for item in value:
            inner(item)

    return check_array


def _union(node: Node, lists: CodeLists) -> Check | None:
    checks = {
        branch.name: check
        for branch in node.branches
        if (check := compile_check(branch, lists)) is not None
    }
    if not checks:
        return None
    if not node.names_its_branch:
        return next(iter(checks.values()))

    def check_branch(value: Any) -> None:
        name, held = value
        if name in checks:
            checks[name](held)

    return check_branch
