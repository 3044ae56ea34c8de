"""What a subscriber may have of one thing, in a form that two moments can be compared by (pure)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import orjson

from recordbus.canonical import canonical_json

RECORD: Final = "record"
ASSOCIATION: Final = "association"
Path = tuple[str, ...]

_NUMBERING: Final[tuple[Path, ...]] = (
    ("version",), ("sequence",), ("source_seq",), ("published_at",), ("status",),
    ("association", "source", "version"),
)  # fmt: skip
"""What a bus that was rebuilt numbers anew though it says the same."""
_GROUPING: Final[tuple[Path, ...]] = (
    ("association", "from_entity_id"),
    ("association", "to_entity_id"),
    ("association", "verdicts"),
)
"""What changes when entities merge or split though nobody corrected anything (R-09)."""


class View(NamedTuple):
    """What a subscriber may have of a subject: `record/<key>` or `association/<id>`.

    `payload` is JSON-ready. `digest` tells whether it is the same as before, numbering apart,
    and `substance` whether it is but for the entities it is grouped into. `coverage` tells what
    the agreement leaves of it: the level and the masked fields.
    """

    subject: str
    level: str
    payload: Mapping[str, Any]
    digest: bytes
    substance: bytes
    coverage: bytes


def subject_of(kind: str, key: str) -> str:
    """Give the name by which a subscriber knows a record or an association for good."""
    return f"{kind}/{key}"


def view_of(subject: str, level: str, masked: Iterable[str], content: Mapping[str, Any]) -> View:
    """Give the view of what a decision left of something; instants become RFC 3339 text."""
    payload: dict[str, Any] = orjson.loads(canonical_json(content))
    said = _without(payload, _NUMBERING)
    return View(
        subject, level, payload, _digest(said), _digest(_without(said, _GROUPING)),
        _digest([level, sorted(masked)]),
    )  # fmt: skip


def _without(content: Mapping[str, Any], paths: Iterable[Path]) -> dict[str, Any]:
    """Give a copy that lacks some fields; what is not on the way to them is shared."""
    copy = dict(content)
    for name, *rest in paths:
        if not rest:
            copy.pop(name, None)
        elif isinstance(copy.get(name), dict):
            copy[name] = _without(copy[name], [tuple(rest)])
    return copy


def _digest(content: object) -> bytes:
    return hashlib.sha256(canonical_json(content)).digest()
