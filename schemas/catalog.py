"""The one door to everything that crosses the bus, as data (pure).

Every function is cached and reads only the package's own files. What they give must not be
changed by callers. An unknown or malformed name raises CatalogError.
"""

from __future__ import annotations

from functools import cache

from schemas.association_rules import (
    RecordKindRules,
    RelationRule,
    Role,
    association_rules,
)
from schemas.avro_types import (
    NAMESPACE,
    READ_OPTIONS,
    avro_schema,
    avro_text,
    coded_fields,
    details_type,
    enum_symbols,
    full_names,
    record_kinds,
    references,
    registration_order,
    self_contained_text,
)
from schemas.code_lists import CodeList, MarkParts, code_list, code_list_names, mark_parts
from schemas.errors import CatalogError
from schemas.flags import Flag, flag, flags
from schemas.purposes import Purposes, purposes
from schemas.reasons import Reason, reasons
from schemas.rules import (
    Basis,
    Clock,
    ClockEnd,
    Condition,
    Designation,
    Evidence,
    RelationType,
    basis_table,
    clock_ends,
    conditions,
    relation_types,
    weakest,
)
from schemas.topics import (
    TopicCatalogue,
    TopicSpec,
    checked_department,
    department_of_topic,
    topic_for_agency,
    topic_for_department,
    topics,
)


@cache
def value_schemas() -> tuple[str, ...]:
    """Give the full names of the types that are the value of a topic, sorted."""
    return tuple(sorted({spec.value_schema for spec in topics().specs if spec.value_schema}))


@cache
def subjects() -> tuple[tuple[str, str], ...]:
    """Give (registry subject pattern, full name of the type) for every topic with a schema."""
    return tuple(
        (spec.subject, spec.value_schema)
        for spec in topics().specs
        if spec.subject and spec.value_schema
    )


__all__ = [
    "NAMESPACE",
    "READ_OPTIONS",
    "Basis",
    "CatalogError",
    "Clock",
    "ClockEnd",
    "CodeList",
    "Condition",
    "Designation",
    "Evidence",
    "Flag",
    "MarkParts",
    "Purposes",
    "Reason",
    "RecordKindRules",
    "RelationRule",
    "RelationType",
    "Role",
    "TopicCatalogue",
    "TopicSpec",
    "association_rules",
    "avro_schema",
    "avro_text",
    "basis_table",
    "checked_department",
    "clock_ends",
    "code_list",
    "code_list_names",
    "coded_fields",
    "conditions",
    "department_of_topic",
    "details_type",
    "enum_symbols",
    "flag",
    "flags",
    "full_names",
    "mark_parts",
    "purposes",
    "reasons",
    "record_kinds",
    "references",
    "registration_order",
    "relation_types",
    "self_contained_text",
    "subjects",
    "topic_for_agency",
    "topic_for_department",
    "topics",
    "value_schemas",
    "weakest",
]
