"""Which roles each record kind has, and which relations they may carry on which basis.

Reads `associations/<record_kind>.yaml` and refuses, with CatalogError, whatever the basis table
or the relation types do not allow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from schemas.avro_types import NAMESPACE, enum_symbols
from schemas.errors import CatalogError
from schemas.files import read_yaml
from schemas.rules import (
    NEVER_ASSOCIATES,
    Condition,
    RelationType,
    basis_table,
    conditions,
    relation_types,
)
from schemas.types import Basis as BasisName
from schemas.types import MentionKind, SubjectCategory

MATTER_MARK = "@"
"""Stands before the type of a matter where a role is expected: `@incident`."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role of a record kind; `subject_categories` is empty unless it is a person's."""

    name: str
    mention_kind: MentionKind
    says: str
    subject_categories: frozenset[SubjectCategory]


@dataclass(frozen=True, slots=True)
class RelationRule:
    """One permission: this relation, between mentions in these roles, on this basis.

    An `asserted` rule allows what somebody states; any other rule follows from the roles alone.
    Roles that begin with `@` are matters. The categories are those that a person at that end may
    have, already without any that may not carry the relation; they say nothing about a mention
    of another kind, and are None where no person can stand.
    """

    type: str
    basis: BasisName
    from_roles: frozenset[str]
    to_roles: frozenset[str]
    symmetric: bool
    asserted: bool
    enabled: bool
    condition: Condition | None
    from_categories: frozenset[SubjectCategory] | None
    to_categories: frozenset[SubjectCategory] | None


@dataclass(frozen=True, slots=True)
class RecordKindRules:
    """A record kind's roles and rules; `own_matter` is the type of matter that its number names."""

    record_kind: str
    says: str
    own_matter: str | None
    roles: Mapping[str, Role]
    relations: tuple[RelationRule, ...]

    def roles_of(self, mention_kind: MentionKind) -> frozenset[str]:
        """Give the names of the roles that a kind of mention may have."""
        return frozenset(r.name for r in self.roles.values() if r.mention_kind == mention_kind)

    def asserted_rule(self, relation: str, basis: str) -> tuple[RelationRule, ...]:
        """Give the rules that allow an assertion of this relation on this basis."""
        return tuple(
            r for r in self.relations if r.asserted and (r.type, r.basis) == (relation, basis)
        )


@cache
def association_rules() -> Mapping[str, RecordKindRules]:
    """Give the rules of every record kind, in the order of the enum."""
    kinds = enum_symbols(f"{NAMESPACE}.RecordKind")
    return MappingProxyType({kind: read_rules(kind) for kind in kinds})


def read_rules(record_kind: str) -> RecordKindRules:
    """Read one record kind's file; CatalogError names the rule that is not allowed."""
    data = read_yaml(f"associations/{record_kind}.yaml")
    return parse_rules(record_kind, data)


def parse_rules(record_kind: str, data: Mapping[str, Any]) -> RecordKindRules:
    """Make rules of a file's content, checked against the basis table and the relation types."""
    if data["record_kind"] != record_kind:
        raise CatalogError(f"associations/{record_kind}.yaml is about {data['record_kind']}")
    roles = _roles(record_kind, data["roles"])
    parse = _RuleParser(record_kind, roles)
    found = [parse.rule(entry, asserted=False) for entry in data["relations"]]
    found += [parse.rule(entry, asserted=True) for entry in data["asserted"]]
    return RecordKindRules(record_kind, data["says"], data["own_matter"], roles, tuple(found))


def _roles(record_kind: str, entries: Mapping[MentionKind, Any]) -> Mapping[str, Role]:
    roles: dict[str, Role] = {}
    for mention_kind, named in entries.items():
        for name, entry in named.items():
            if name in roles:
                raise CatalogError(f"{record_kind}: two roles are called {name}")
            categories = frozenset(entry.get("categories", ()))
            roles[name] = Role(name, mention_kind, entry["says"], categories)
    return MappingProxyType(roles)


class _RuleParser:
    """Turns the entries of one record kind into rules."""

    def __init__(self, record_kind: str, roles: Mapping[str, Role]) -> None:
        self._record_kind = record_kind
        self._roles = roles

    def rule(self, entry: Mapping[str, Any], *, asserted: bool) -> RelationRule:
        relation = relation_types()[entry["type"]]
        basis = basis_table()[entry["basis"]]
        if not basis.allows(self._record_kind, relation.name):
            raise self._refused(entry, f"the basis {basis.name} may not create it here")
        if asserted != (basis.name in enum_symbols(f"{NAMESPACE}.AssertedBasis")):
            raise self._refused(entry, "only an asserted basis is asserted")
        from_roles, from_categories = self._end(entry, "from", relation)
        to_roles, to_categories = self._end(entry, "to", relation)
        when = entry.get("when")
        return RelationRule(
            type=relation.name,
            basis=basis.name,
            from_roles=from_roles,
            to_roles=to_roles,
            symmetric=relation.symmetric,
            asserted=asserted,
            enabled=relation.enabled,
            condition=conditions()[when] if when else None,
            from_categories=from_categories,
            to_categories=to_categories,
        )

    def _end(
        self, entry: Mapping[str, Any], end: str, relation: RelationType
    ) -> tuple[frozenset[str], frozenset[SubjectCategory] | None]:
        kinds = relation.from_kinds if end == "from" else relation.to_kinds
        names = self._expand(entry, end, kinds)
        categories = self._categories(entry, end, names, relation)
        if categories is None:
            return names, None
        return frozenset(n for n in names if self._may_stand(n, categories)), categories

    def _may_stand(self, name: str, categories: frozenset[SubjectCategory]) -> bool:
        if name.startswith(MATTER_MARK):
            return True
        allowed = self._roles[name].subject_categories
        return not allowed or bool(allowed & categories)

    def _expand(
        self, entry: Mapping[str, Any], end: str, kinds: frozenset[MentionKind]
    ) -> frozenset[str]:
        names: set[str] = set()
        for name in entry[end]:
            if name.startswith("any_"):
                kind = name.removeprefix("any_")
                names |= {r.name for r in self._roles.values() if r.mention_kind == kind}
            else:
                names.add(name)
        wrong = {name for name in names if self._kind(entry, name) not in kinds}
        if wrong or not names:
            raise self._refused(entry, f"it cannot lead {end} {sorted(wrong) or 'nothing'}")
        return frozenset(names)

    def _kind(self, entry: Mapping[str, Any], name: str) -> MentionKind:
        if name.startswith(MATTER_MARK):
            if name[1:] in enum_symbols(f"{NAMESPACE}.ReferenceType"):
                return "matter"
            raise self._refused(entry, f"there is no matter {name}")
        if name not in self._roles:
            raise self._refused(entry, f"there is no role {name}")
        return self._roles[name].mention_kind

    def _categories(
        self, entry: Mapping[str, Any], end: str, names: Iterable[str], relation: RelationType
    ) -> frozenset[SubjectCategory] | None:
        people = [self._roles[n] for n in names if not n.startswith(MATTER_MARK)]
        allowed = frozenset(c for role in people for c in role.subject_categories)
        if not allowed:
            return None
        wanted = allowed & frozenset(entry.get(f"{end}_categories", allowed))
        left = wanted - NEVER_ASSOCIATES if relation.associate else wanted
        if not left:
            raise self._refused(entry, f"no subject category is left at its {end} end")
        return left

    def _refused(self, entry: Mapping[str, Any], why: str) -> CatalogError:
        return CatalogError(
            f"associations/{self._record_kind}.yaml: {entry['type']} on {entry['basis']}: {why}"
        )
