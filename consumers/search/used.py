"""What the audit is told of the records in an answer: keys, owners, levels, rules (pure)."""

from __future__ import annotations

from collections.abc import Iterator

from consumers.search.audit import POINTER, Used
from consumers.search.inquiry.entity import Entity
from consumers.search.sight import Sight
from consumers.search.statements import Pointer


def used_of_entity(entity: Entity, sight: Sight) -> Iterator[Used]:
    """Give what the audit is told of the records that an entity is shown with."""
    for each in entity.statements:
        record = each.record
        yield Used(record.record_key, record.version, record.department, rules=record.rules)
    for pointer in entity.pointers:
        yield used_of_pointer(pointer, sight)


def used_of_pointer(pointer: Pointer, sight: Sight) -> Used:
    """Give what the audit is told of a record that was pointed at."""
    rules = sight.decisions[pointer.items].reasons
    return Used(pointer.record_key, pointer.version, pointer.department, POINTER, rules)
