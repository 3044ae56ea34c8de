"""Whether a new version of a schema may join its earlier ones: FULL_TRANSITIVE and more (pure).

Apache Avro's own checker decides whether each version can read every other. On top of that come
changes which that checker lets through although they lose or change what a value means.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.errors import AvroException
from avro.schema import Schema, make_avsc_object

from schemas.lint import Problem, lint

__all__ = ["Problem", "check_compatible", "check_registration", "lint"]

_NO_DEFAULT = object()
_MEANING = ("logicalType", "code_list")
_NAMED = ("record", "enum", "fixed")


def check_registration(new: Any, earlier: Sequence[Any]) -> tuple[Problem, ...]:
    """Give everything that keeps a schema from being registered after its earlier versions."""
    broken = lint(new)
    # A schema that breaks the lint may be one that cannot be compared at all: recursion, depth.
    return broken or check_compatible(new, earlier)


def check_compatible(new: Any, earlier: Sequence[Any]) -> tuple[Problem, ...]:
    """Give what makes a schema incompatible with any earlier version, oldest version first.

    Both are self-contained parsed schemas. Empty means: each can read what the other wrote, and
    no value changes its meaning on the way.
    """
    problems: list[Problem] = []
    for number, old in enumerate(earlier, start=1):
        found = (*_unreadable(new, old), *_changed_meaning(new, old))
        problems += [Problem(p.rule, f"version {number}{p.where}", p.message) for p in found]
    return tuple(problems)


def _unreadable(new: Any, old: Any) -> Iterator[Problem]:
    try:
        new_schema, old_schema = _parsed(new), _parsed(old)
    except AvroException as error:
        yield Problem("not_a_schema", "", str(error))
        return
    yield from _misread(reader=new_schema, writer=old_schema, rule="backward")
    yield from _misread(reader=old_schema, writer=new_schema, rule="forward")


def _misread(*, reader: Schema, writer: Schema, rule: str) -> Iterator[Problem]:
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]
    result = checker.get_compatibility(reader, writer)
    if result.compatibility is not SchemaCompatibilityType.compatible:
        where = ", ".join(sorted(result.locations))
        why = "; ".join(sorted(result.messages)) or "the types differ"
        yield Problem(rule, where, f"{_SENTENCES[rule]}: {why}")


_SENTENCES = {
    "backward": "the new version cannot read what the old one wrote",
    "forward": "the old version cannot read what the new one writes",
}


def _parsed(schema: Any) -> Schema:
    return make_avsc_object(json.loads(json.dumps(schema)))


def _changed_meaning(new: Any, old: Any) -> Iterator[Problem]:
    types_now = dict(_named_types(new))
    for name, before in _named_types(old):
        now = types_now.get(name)
        if now is None or now["type"] != before["type"]:
            continue
        if before["type"] == "enum":
            yield from _changed_enum(name, now, before)
        else:
            yield from _changed_fields(name, now, before)


def _changed_enum(
    name: str, now: Mapping[str, Any], before: Mapping[str, Any]
) -> Iterator[Problem]:
    gone = [symbol for symbol in before["symbols"] if symbol not in now["symbols"]]
    if gone:
        message = f"symbols are gone and old values would be read as the default: {gone}"
        yield Problem("symbol_removed", f"/{name}", message)
    if now.get("default") != before.get("default"):
        yield Problem("default_changed", f"/{name}", "the default of the enum changed")


def _changed_fields(
    name: str, now: Mapping[str, Any], before: Mapping[str, Any]
) -> Iterator[Problem]:
    fields_now = {field["name"]: field for field in now.get("fields", ())}
    for old in before.get("fields", ()):
        new = fields_now.get(old["name"])
        if new is not None:
            yield from _changed_field(f"/{name}/{old['name']}", new, old)


def _changed_field(where: str, new: Mapping[str, Any], old: Mapping[str, Any]) -> Iterator[Problem]:
    was, now = old.get("default", _NO_DEFAULT), new.get("default", _NO_DEFAULT)
    if was is not _NO_DEFAULT and now is _NO_DEFAULT:
        yield Problem("default_removed", where, "the default is gone")
    elif was is not _NO_DEFAULT and (was != now or type(was) is not type(now)):
        yield Problem("default_changed", where, "the default changed")
    if _meaning(new) != _meaning(old):
        message = f"what the value means changed: {_meaning(old)} to {_meaning(new)}"
        yield Problem("meaning_changed", where, message)


def _meaning(field: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the attributes of a field and its types that say how its value is to be understood."""
    return tuple(f"{key}={value}" for node in _own_nodes(field) for key, value in node)


def _own_nodes(node: Any) -> Iterator[list[tuple[str, str]]]:
    if node in ("string", "bytes"):
        # Avro reads either as the other, so its checker says nothing; text that may be no text
        # is another thing all the same.
        yield [("type", node)]
    elif isinstance(node, list):
        for branch in node:
            yield from _own_nodes(branch)
    elif isinstance(node, Mapping) and node.get("type") not in _NAMED:
        yield [(key, str(node[key])) for key in _MEANING if key in node]
        for key in ("type", "items", "values"):
            yield from _own_nodes(node.get(key))


def _named_types(node: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(node, list):
        for branch in node:
            yield from _named_types(branch)
    elif isinstance(node, Mapping):
        if node.get("type") in _NAMED:
            namespace = node.get("namespace", "")
            yield f"{namespace}.{node['name']}" if namespace else node["name"], node
        for field in node.get("fields", ()):
            yield from _named_types(field["type"])
        for key in ("type", "items", "values"):
            yield from _named_types(node.get(key))
