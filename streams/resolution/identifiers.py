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
    if len(a) == len(b) == 1:
        return _one_level(a[0], b[0])
    if a == b:
        return Ids.EQUAL if any(map(is_hard, a)) else Ids.MISSING
    found = {_one_level(x, y) for x in a for y in b if x.type == y.type}
    if Ids.DIFFERENT in found and len(found) > 1:
        found = _by_scope(a, b)
    found.discard(Ids.MISSING)
    if Ids.DIFFERENT in found:
        return Ids.MIXED if Ids.EQUAL in found else Ids.DIFFERENT
    return min(found, default=Ids.MISSING)


def _one_level(a: Identifier, b: Identifier) -> int:
    """Compare two numbers; those of different types or issuers say nothing of each other."""
    if a.type != b.type or a.issuer != b.issuer or not is_hard(a):
        return Ids.MISSING
    if a.digest == b.digest:
        return Ids.EQUAL
    if _within_edits(a.plain, b.plain):
        return Ids.NEAR
    return Ids.DIFFERENT if is_exclusive(a) else Ids.MISSING


def _by_scope(a: Identifiers, b: Identifiers) -> set[int]:
    """Give the best level of each type and issuer that both have."""
    best: dict[tuple[str, str], int] = {}
    for level, x in ((_one_level(x, y), x) for x in a for y in b):
        if level:
            scope = (x.type, x.issuer)
            best[scope] = min(level, best.get(scope, level))
    return set(best.values())


def share_number(a: Identifiers, b: Identifiers) -> bool:
    """Tell whether any number of one is a number of the other; digests hold type and issuer."""
    for x in a:
        for y in b:
            if x.digest == y.digest:
                return True
    return False


def are_one_each(identifiers: Identifiers) -> bool:
    """Tell whether no two of these numbers are of two bearers."""
    if len(identifiers) < 2:
        return True
    scopes = [(i.type, i.issuer) for i in identifiers if is_exclusive(i)]
    return len(scopes) == len(set(scopes))


def _within_edits(a: str, b: str) -> bool:
    return bool(a and b) and OSA.distance(a, b, score_cutoff=MOST_EDITS) <= MOST_EDITS
