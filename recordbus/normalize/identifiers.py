"""Identifiers of people and organisations as keyed digests: equal ids meet, none can be read.

The key is one secret of the bus, shared by intake and the search, so that the same number of
two departments gives the same digest. The plain number is never part of a key or an index.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from stdnum.us import ein, ssn

from recordbus.keyed import keyed_hash
from recordbus.normalize import placeholders
from recordbus.normalize.text import CACHE_SIZE, compact, fold

_DIGEST_HEX = 32
# Numbers that one country issues: where they were shown does not tell two of them apart.
_ONE_ISSUER = frozenset({"ssn", "fbi_number", "tax_id"})


class PlainIdentifier(NamedTuple):
    """A compact identifier before its digest is taken; `value` is None for a placeholder."""

    issuer: str
    value: str | None
    placeholder: bool


def _compact(kind: str, value: str) -> str:
    if value.isascii():
        return compact(value)
    if kind == "ssn":
        return compact(ssn.compact(value))
    if kind == "tax_id":
        return compact(ein.compact(value))
    return compact(value)


@lru_cache(maxsize=CACHE_SIZE)
def plain(kind: str, value: str, issuer: str | None) -> PlainIdentifier:
    """Give an identifier's issuer and compact value; spaces, dashes and case do not matter."""
    authority = "" if kind in _ONE_ISSUER or not issuer else fold(issuer)
    key = _compact(kind, value)
    if placeholders.is_identifier(kind, key):
        return PlainIdentifier(authority, None, placeholder=True)
    return PlainIdentifier(authority, key, placeholder=False)


def digest(secret: bytes, kind: str, issuer: str, value: str) -> str:
    """Give the keyed digest of a compact identifier as 32 hex digits (128 bits)."""
    return keyed_hash(secret)(f"{kind}|{issuer}|{value}".encode()).hex()[:_DIGEST_HEX]


def lookup_digest(secret: bytes, kind: str, value: str, issuer: str | None) -> str | None:
    """Give the digest to look an identifier up by, or None when the value is a placeholder."""
    found = plain(kind, value, issuer)
    return None if found.value is None else digest(secret, kind, found.issuer, found.value)
