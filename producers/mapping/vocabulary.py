"""The words that a mapping may use, taken from the schemas of the bus (pure)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from schemas import catalog

_BODY = f"{catalog.NAMESPACE}.RecordBody"
_LEVELS = f"{catalog.NAMESPACE}.DisseminationLevel"


class SchemaVocabulary:
    """The vocabulary of the installed schemas."""

    def body_schema(self) -> Mapping[str, Any]:
        """Give the self-contained Avro schema of a record body."""
        return catalog.avro_schema(_BODY)

    def record_kinds(self) -> Collection[str]:
        """Give the closed list of record kinds."""
        return catalog.record_kinds()

    def dissemination_levels(self) -> Collection[str]:
        """Give the closed list of dissemination levels."""
        return catalog.enum_symbols(_LEVELS)

    def code_list(self, name: str) -> Collection[str] | None:
        """Give the codes of a list, or None when there is no such list."""
        try:
            return catalog.code_list(name).codes
        except catalog.CatalogError:
            return None

    def roles(self, record_kind: str, mention_kind: str) -> Mapping[str, Collection[str]]:
        """Give the roles that a kind of mention may have, with the categories each allows."""
        roles = catalog.association_rules()[record_kind].roles.values()
        return {r.name: r.subject_categories for r in roles if r.mention_kind == mention_kind}
