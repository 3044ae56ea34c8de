"""An entry as the bytes of a leaf, and the openings of what it keeps private (pure but for salts).

Invariant (R-27): a private text is nowhere in the leaf. There stands a commitment, the hash of a
random salt, of where in the entry it stands, and of the text. Without the salt nobody can try
texts; with salt and text anybody can see that they are what was committed to; and when both are
gone, the leaf and every proof over it are what they were.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from recordbus.audit.entry import LONGEST_NAME, Asked, Entry, Private, hundredths
from recordbus.canonical import canonical_json

SALT_BYTES: Final = 16
COMMITTED: Final = "committed:"
LONGEST_PRIVATE: Final = 4000
_DOMAIN: Final = b"recordbus audit commitment\x00"
_LONGEST_CODE: Final = 200

Salt = Callable[[], bytes]


class Opening(NamedTuple):
    """What opens one commitment: where it stands in the entry, the salt and the text."""

    where: str
    salt: bytes
    text: str


class Leaf(NamedTuple):
    """The bytes of an entry in the log, and what opens its commitments."""

    data: bytes
    openings: tuple[Opening, ...]


def commitment(where: str, salt: bytes, text: str) -> str:
    """Give what stands in the log in place of a text."""
    digest = hashlib.sha256(_DOMAIN + salt + where.encode() + b"\x00" + text.encode())
    return COMMITTED + digest.hexdigest()


def encoded(entry: Entry, sequence: int, salt: Salt) -> Leaf:
    """Give an entry as canonical JSON at its place in the log; what is empty is left out."""
    openings: list[Opening] = []
    asked = {
        name: _committed(value, f"asked.{name}", salt, openings)
        for name, value in sorted(entry.asked.items())
    }
    whole = {**_plain(entry), "asked": asked, "case_checked": entry.case_checked or None}
    told = {name: value for name, value in whole.items() if value not in (None, "", (), {})}
    return Leaf(canonical_json(told | {"sequence": sequence}), tuple(openings))


def _plain(entry: Entry) -> dict[str, Any]:
    return {
        "entry_id": entry.entry_id,
        "at": hundredths(entry.at),
        "operation": entry.operation,
        "command": entry.command,
        "outcome": entry.outcome,
        "requester": _cut(entry.requester),
        "on_behalf_of": _cut(entry.on_behalf_of),
        "agency_ori": _cut(entry.agency_ori),
        "origin": _cut(entry.origin),
        "purpose": _cut(entry.purpose),
        "case_number": _cut(entry.case_number),
        "records": entry.records,
        "entities": entry.entities,
        "associations": entry.associations,
        "owners": entry.owners,
        "levels": entry.levels,
        "total": entry.total,
        "reasons": entry.reasons,
        "policy_version": entry.policy_version,
    }


def _cut(text: str | None, longest: int = LONGEST_NAME) -> str | None:
    return None if text is None else _whole(text[:longest])


def _whole(text: str) -> str:
    """Give a text that has bytes: a half of a surrogate pair becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _committed(value: Asked, where: str, salt: Salt, openings: list[Opening]) -> Any:
    if isinstance(value, Private):
        opening = Opening(where, salt(), _whole(value.text[:LONGEST_PRIVATE]))
        openings.append(opening)
        return commitment(*opening)
    if isinstance(value, str):
        return _cut(value, _LONGEST_CODE)
    if isinstance(value, Mapping):
        return {name: _committed(each, f"{where}.{name}", salt, openings)
                for name, each in sorted(value.items())}  # fmt: skip
    if isinstance(value, Sequence):
        return [_committed(each, f"{where}.{place}", salt, openings)
                for place, each in enumerate(value)]  # fmt: skip
    return value
