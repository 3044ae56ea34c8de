"""Which types a message's content is of, and which of their fields may not be given (pure).

Invariant: a field that some agreement could mask, or that goes because another is masked, is
optional in every form; all others are there whenever the thing that they are of is (R-01, R-34).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from recordbus.policy.fields import ASSOCIATION, maskable
from recordbus.policy.payload import FOLLOWS_FROM_BODY
from schemas import catalog

RECORD: Final = f"{catalog.NAMESPACE}.Record"
UPDATE: Final = f"{catalog.NAMESPACE}.AssociationUpdate"
_WITH_THE_BODY: Final = frozenset({*FOLLOWS_FROM_BODY, "relations"})
_WITH_ANY_MASK: Final = frozenset({f"{ASSOCIATION}.source.content_hash"})


@cache
def definition(full_name: str) -> Mapping[str, Any]:
    """Give a type's own definition as parsed Avro; callers must not change it."""
    parsed: dict[str, Any] = json.loads(catalog.avro_text(full_name))
    return parsed


@cache
def may_be_absent() -> frozenset[tuple[str, str]]:
    """Give every type and field of it that a subscriber may not be given."""
    absent = maskable() | _WITH_THE_BODY | _WITH_ANY_MASK
    return frozenset(
        (type_name, name)
        for root in (RECORD, UPDATE)
        for path, type_name, name in _fields(root, "")
        if path in absent
    )


def branches_of(kind: Any) -> list[Any]:
    """Give the types that a value may have, null apart."""
    listed = kind if isinstance(kind, list) else [kind]
    return [each for each in listed if each != "null"]


def _fields(kind: Any, path: str) -> Iterator[tuple[str, str, str]]:
    """Yield path, type and name of every field below a type."""
    if isinstance(kind, list):
        for branch in kind:
            yield from _fields(branch, path)
    elif isinstance(kind, dict):
        yield from _fields(kind.get("items", []), path)
    elif "." in kind:
        for field in definition(kind).get("fields", ()):
            below = f"{path}{field['name']}"
            yield below, kind, field["name"]
            yield from _fields(field["type"], f"{below}.")
