"""How issued numbers of two mentions agree (pure).

A number is comparable with one of the same type and issuer only. Some types are renewed under
another number, or given anew at each stay: there another number says nothing.
"""

from __future__ import annotations

from typing import Final

from rapidfuzz.distance import OSA

from streams.resolution.levels import Ids
from streams.resolution.mentions import Identifier

Identifiers = tuple[Identifier, ...]

MOST_EDITS: Final = 2
ONE_FOR_LIFE: Final = frozenset({"ssn", "fbi_number", "tax_id"})
ONE_PER_ISSUER: Final = frozenset({"driver_license", "state_id", "registration_number"})
_NO_IDENTITY: Final = frozenset({"other"})


def is_exclusive(identifier: Identifier) -> bool:
    """Tell whether one bearer has one such number, so that two numbers are two bearers."""
    if identifier.type in ONE_FOR_LIFE:
        return True
    return identifier.type in ONE_PER_ISSUER and identifier.issuer != ""


def is_hard(identifier: Identifier) -> bool:
    """Tell whether an equal number of this type speaks for one bearer."""
    return identifier.type not in _NO_IDENTITY


def identifier_level(a: Identifiers, b: Identifiers) -> int:
    """Compare the numbers of two mentions; within a scope, one that agrees outweighs others."""
    if not a or not b:
        return Ids.MISSING
    mine, theirs = _scopes(a), _scopes(b)
    found = {_scope_level(mine[scope], theirs[scope]) for scope in mine.keys() & theirs.keys()}
    if Ids.DIFFERENT in found:
        return Ids.MIXED if Ids.EQUAL in found else Ids.DIFFERENT
    return min(found - {Ids.MISSING}, default=Ids.MISSING)


def _scopes(identifiers: Identifiers) -> dict[tuple[str, str], list[Identifier]]:
    found: dict[tuple[str, str], list[Identifier]] = {}
    for each in identifiers:
        found.setdefault((each.type, each.issuer), []).append(each)
    return found


def _scope_level(a: list[Identifier], b: list[Identifier]) -> Ids:
    """Compare numbers of one type and issuer."""
    if not is_hard(a[0]):
        return Ids.MISSING
    if any(x.digest == y.digest for x in a for y in b):
        return Ids.EQUAL
    if any(_within_edits(x.plain, y.plain) for x in a for y in b):
        return Ids.NEAR
    return Ids.DIFFERENT if is_exclusive(a[0]) else Ids.MISSING


def _within_edits(a: str, b: str) -> bool:
    return bool(a and b) and OSA.distance(a, b, score_cutoff=MOST_EDITS) <= MOST_EDITS
