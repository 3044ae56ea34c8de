"""What a subscriber may have of one thing, in a form that two moments can be compared by (pure)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson

from recordbus.canonical import canonical_json
from recordbus.verification import UNVERIFIED, Standing

RECORD: Final = "record"
ASSOCIATION: Final = "association"
_DIGEST_BYTES: Final = hashlib.sha256().digest_size
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
    the agreement leaves of it: the level and the masked fields. `verification` is what its owner
    answered about it; where that is anything, its own digest follows in `digest`.
    """

    subject: str
    level: str
    payload: Mapping[str, Any]
    digest: bytes
    substance: bytes
    coverage: bytes
    verification: Standing = UNVERIFIED


def subject_of(kind: str, key: str) -> str:
    """Give the name by which a subscriber knows a record or an association for good."""
    return f"{kind}/{key}"


def view_of(
    subject: str, level: str, masked: Iterable[str], content: Mapping[str, Any],
    verification: Standing = UNVERIFIED,
) -> View:  # fmt: skip
    """Give the view of what a decision left of something; instants become RFC 3339 text.

    What is only pointed to is never verified: nothing of it is held that could be relied on.
    """
    payload: dict[str, Any] = orjson.loads(canonical_json(content))
    said = _without(payload, _NUMBERING)
    content_digest = _digest(said)
    is_grouped = ASSOCIATION in payload
    stands = verification if level == "full" else UNVERIFIED
    return View(
        subject, level, payload, content_digest + _digest_of(stands),
        _digest(_without(said, _GROUPING)) if is_grouped else content_digest,
        _coverage(level, frozenset(masked)), stands,
    )  # fmt: skip


def is_same_but_verification(one: bytes, other: bytes) -> bool:
    """Tell by two digests of views whether nothing but what the owner answered differs."""
    return one != other and one[:_DIGEST_BYTES] == other[:_DIGEST_BYTES]


@lru_cache(maxsize=1024)
def _coverage(level: str, masked: frozenset[str]) -> bytes:
    return _digest([level, sorted(masked)])


def _digest_of(verification: Standing) -> bytes:
    return b"" if verification == UNVERIFIED else _digest(list(verification))


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
