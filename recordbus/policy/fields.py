"""Which fields a mask may name: paths that every live version of the schemas has (pure).

Invariant: what a reader needs to judge an item - its basis, evidence, grade, source, disputes,
dispositions, owner and contact - can never be masked (R-01, R-02, R-05, R-19, R-26, R-34).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from schemas.catalog import NAMESPACE
from schemas.versions import versions

RECORD = "body"
"""Where paths of records begin, as in the value of their topic."""
ASSOCIATION = "association"
_TYPES = {RECORD: f"{NAMESPACE}.Record", ASSOCIATION: f"{NAMESPACE}.AssociationUpdate"}
MASKABLE_OF_ASSOCIATION = frozenset({f"{ASSOCIATION}.verdicts"})
"""The rest is what it says, what it is worth, or what its end follows from (R-04, R-21)."""
_NEEDED = frozenset(
    {"local_id", "from_local_id", "to_local_id", "about_local_id", "relation", "role"}
    | {"basis", "contact_basis", "grade", "subject_category", "description_only"}
)
"""Names of fields that no mask may name, wherever in a record they are."""
_DEPTH = 12


@cache
def maskable() -> frozenset[str]:
    """Give every path that a mask may name today."""
    every = set.intersection(*(set(paths) for paths in _by_version(RECORD).values()))
    below = {path for path in every if path.startswith(f"{RECORD}.") and not _is_needed(path)}
    return frozenset(below) | MASKABLE_OF_ASSOCIATION


def mistake(path: str) -> str | None:
    """Say why a mask cannot name this path; None when it can."""
    begins = path.partition(".")[0]
    if begins not in _TYPES:
        return _unknown(path, f"begins with `{RECORD}.` or `{ASSOCIATION}.`")
    known = _by_version(begins)
    absent = [number for number, paths in known.items() if path not in paths]
    if len(absent) == len(known):
        return _unknown(path, "is no field")
    if absent:
        listed = ", ".join(str(number) for number in absent)
        return f"`{path}` is no field in version {listed} of the schemas, which is still read"
    if path not in maskable():
        return f"`{path}` says what the rest is worth or whom to ask; it is never masked"
    return None


def _unknown(path: str, says: str) -> str:
    close = difflib.get_close_matches(path, sorted(maskable()), n=1)
    return f"`{path}` {says}" + (f"; did you mean `{close[0]}`?" if close else "")


def _is_needed(path: str) -> bool:
    """Say whether the rest could not be judged, or not be read, without a field."""
    steps = path.split(".")
    return path == f"{RECORD}.details" or bool(_NEEDED & set(steps))


@cache
def _by_version(begins: str) -> Mapping[int, frozenset[str]]:
    return {number: paths_of(schema, begins) for number, schema in versions(_TYPES[begins]).items()}


def paths_of(schema: Mapping[str, Any], begins: str) -> frozenset[str]:
    """Give the paths of a parsed schema that begin with one of its fields.

    A list is walked through, and of a union each branch: `body.people.person.sex`.
    """
    named: dict[str, Any] = {}
    _collect(schema, named)
    found = (path for path in _walk(schema, named, _DEPTH) if path.partition(".")[0] == begins)
    return frozenset(found)


def _collect(node: Any, named: dict[str, Any]) -> None:
    if isinstance(node, list):
        for branch in node:
            _collect(branch, named)
    elif isinstance(node, dict):
        if node.get("name") and node.get("type") in ("record", "enum", "fixed"):
            space = node.get("namespace", NAMESPACE)
            full = node["name"] if "." in node["name"] else f"{space}.{node['name']}"
            named[full] = named[full.rpartition(".")[2]] = node
        for part in (*node.get("fields", ()), node.get("items"), node.get("values")):
            _collect(part, named)
        if not isinstance(node.get("type"), str):
            _collect(node.get("type"), named)


def _walk(node: Any, named: Mapping[str, Any], depth: int) -> Iterator[str]:
    if depth == 0:
        return
    if isinstance(node, str):
        node = named.get(node)
    if isinstance(node, list):
        for branch in node:
            yield from _walk(branch, named, depth)
    elif isinstance(node, dict) and node.get("type") == "array":
        yield from _walk(node["items"], named, depth)
    elif isinstance(node, dict) and node.get("type") == "record":
        for field in node["fields"]:
            yield field["name"]
            for below in _walk(field["type"], named, depth - 1):
                yield f"{field['name']}.{below}"
    elif isinstance(node, dict) and isinstance(node.get("type"), dict | list):
        yield from _walk(node["type"], named, depth)
