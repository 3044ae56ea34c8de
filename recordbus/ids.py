"""Identifiers that hold no personal data and that the same facts always give again (pure).

Keys leave the department that made them, so nobody may read a case number off one:
a record key is a keyed hash, and everything below it is derived from the record key.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from typing import Protocol

_EVENT_NAMESPACE = uuid.UUID("5f0d7a52-5c63-4d5e-9a63-0f6a3c1d6a10").bytes
# What the first digit of a UUID's variant becomes: its two highest bits are 1 and 0.
_UUID_VARIANTS = {f"{digit:x}": f"{digit & 3 | 8:x}" for digit in range(16)}


class IdSource(Protocol):
    """Where fresh identifiers come from, injected so that tests can foretell them."""

    def next(self) -> str:
        """Give an identifier that this source has not given before."""


class UuidSource:
    """Random UUIDs."""

    def next(self) -> str:
        """Give a random UUID as text."""
        return str(uuid.uuid4())


def record_key(secret: bytes, record_kind: str, record_id: str) -> str:
    """Give a record's opaque key: HMAC-SHA-256 of `kind|record id` under the department's secret.

    64 hex digits. `record_kind` is from a closed list without `|`, so the pair is unambiguous.
    """
    text = f"{record_kind}|{record_id}".encode()
    return hmac.new(secret, text, hashlib.sha256).hexdigest()


def mention_id(key: str, local_id: str) -> str:
    """Give the id of a mention: the record's key and the role's local id in that record."""
    return f"{key}.{local_id}"


def verdict_id(first: str, second: str) -> str:
    """Give the id of what was decided of two mentions, given in their order: 16 hex digits."""
    return hashlib.sha256(f"{first}~{second}".encode()).hexdigest()[:16]


def association_id(
    key: str, from_mention: str, to_mention: str, relation: str, basis: str, *, symmetric: bool
) -> str:
    """Give the id of an association: one per record, pair, relation and basis (R-06).

    64 hex digits. The two mentions of a symmetric relation may come in either order.
    """
    if symmetric and to_mention < from_mention:
        from_mention, to_mention = to_mention, from_mention
    parts = f"{key}|{from_mention}|{to_mention}|{relation}|{basis}"
    return hashlib.sha256(parts.encode()).hexdigest()


def content_hash(body: bytes) -> str:
    """Give the SHA-256 of a body's Avro bytes, as its publisher wrote them, as 64 hex digits."""
    return hashlib.sha256(body).hexdigest()


def event_id(key: str, source_seq: int, status: str, content: str) -> str:
    """Give the id of a change: publishing the same state of a record again gives the same id.

    `content` is the content hash of the body, or empty when the status carries none. It is the
    version 5 UUID of the four in one text, made without the objects that `uuid.uuid5` passes.
    """
    text = f"{key}|{source_seq}|{status}|{content}".encode()
    hexes = hashlib.sha1(_EVENT_NAMESPACE + text, usedforsecurity=False).hexdigest()
    variant = _UUID_VARIANTS[hexes[16]]
    return f"{hexes[:8]}-{hexes[8:12]}-5{hexes[13:16]}-{variant}{hexes[17:20]}-{hexes[20:32]}"
