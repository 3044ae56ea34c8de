"""The page of bases, relations and roles, from the rule files."""

from __future__ import annotations

from docs.pages.markdown import anchor, code, codes, page, table
from schemas import catalog
from schemas.catalog import Basis, RecordKindRules, RelationType

INTRODUCTION = """\
Every association rests on one record and says on which basis (R-01, R-02). Which relation a
record of a kind may carry, between which roles and on which basis, is data; there is no other
place that decides it."""


def rules() -> str:
    """Give the page."""
    return page(
        "Bases, relations and roles",
        "schemas/basis.yaml, schemas/relation_types.yaml and schemas/associations/*.yaml",
        INTRODUCTION,
        "## Bases",
        "From the strongest to the weakest.",
        table(
            ("basis", "meaning", "evidence", "grade", "may create", "ends"),
            (_basis(basis) for basis in catalog.basis_table().values()),
        ),
        "## Relations",
        table(
            ("relation", "meaning", "from", "to", "order matters", "in use"),
            (_relation(relation) for relation in catalog.relation_types().values()),
        ),
        "## What ends a clock",
        table(
            ("end", "meaning"),
            ((code(end.name), end.says) for end in catalog.clock_ends().values()),
        ),
        "## Circumstances under which a rule applies",
        table(
            ("circumstance", "meaning"),
            ((code(c.name), c.says) for c in catalog.conditions().values()),
        ),
        "## Record kinds",
        ", ".join(f"[`{kind}`](#{anchor(kind)})" for kind in catalog.association_rules()),
        *(_kind(rules) for rules in catalog.association_rules().values()),
    )


def _basis(basis: Basis) -> tuple[object, ...]:
    by_contact = "".join(
        f"; {evidence.kind} if the contact basis is {code(name)}"
        for name, evidence in sorted(basis.by_contact_basis.items())
        if evidence.kind != basis.evidence.kind
    )
    return (
        code(basis.name),
        basis.says,
        basis.evidence.kind + by_contact,
        "required" if basis.evidence.grade_required else "-",
        codes(sorted(basis.relations)),
        _clock(basis),
    )


def _clock(basis: Basis) -> str:
    clock = basis.clock
    parts = []
    if clock.amount:
        after = "the end" if clock.counted_from == "end" else "the source"
        years = "year" if clock.amount == 1 else "years"
        parts.append(f"{clock.amount} {years} after {after}" + (", then review" * clock.review))
    if clock.until:
        parts.append(f"with {code(clock.until)}")
    if clock.ceiling_years:
        parts.append(f"{clock.ceiling_years} years at most")
    return "; ".join(parts)


def _relation(relation: RelationType) -> tuple[object, ...]:
    return (
        code(relation.name),
        relation.says,
        codes(sorted(relation.from_kinds)),
        codes(sorted(relation.to_kinds)),
        "no" if relation.symmetric else "yes",
        "yes" if relation.enabled else "only where it was switched on",
    )


def _kind(rules: RecordKindRules) -> str:
    roles = table(
        ("role", "of a", "meaning", "subject categories"),
        (
            (code(r.name), r.mention_kind, r.says, codes(sorted(r.subject_categories)))
            for r in rules.roles.values()
        ),
    )
    relations = table(
        ("relation", "from", "to", "basis", "follows from", "only when"),
        (
            (
                code(r.type),
                codes(sorted(r.from_roles)),
                codes(sorted(r.to_roles)),
                code(r.basis),
                "an assertion" if r.asserted else "the roles",
                r.condition.says if r.condition else "",
            )
            for r in rules.relations
        ),
    )
    return f"### {rules.record_kind}\n\n{rules.says}\n\n{roles}\n\n{relations}"
