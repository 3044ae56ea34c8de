"""The settings of searches, and of the index that they ask."""

from __future__ import annotations

from pathlib import Path

from recordbus.settings.fields import Group, setting


class IndexSettings(Group):
    """Where the search index is and how it commits."""

    path: Path | None = setting(
        None,
        "The index file; `index/records.sqlite` in the run directory when unset.",
        example="/var/lib/recordbus/records.sqlite",
    )
    commit_max_records: int = setting(
        2000,
        "How many messages one index transaction holds at most; a record comes with about eight.",
        example="2000",
        ge=1,
    )
    gather_ms: int = setting(
        50,
        "The least time between two index transactions: under load one holds what came meanwhile.",
        example="50",
        ge=0,
    )
    case_file: Path | None = setting(
        None,
        "The register of cases a search may be for; when unset, a case number is only checked "
        "for its form, and the audit says so.",
        example="/etc/recordbus/cases.yaml",
    )
    search_timeout_seconds: float = setting(
        2.0, "How long one search may run before it is stopped.", example="2", gt=0, le=60
    )


class SearchSettings(Group):
    """Whose terminal this is: by that agency's agreements its searches are decided."""

    agency: str | None = setting(
        None,
        "The department or agency whose people search here, by its name on the bus; without it no "
        "search is answered.",
        example="harbor-city-pd",
    )
    agency_ori: str | None = setting(
        None,
        "Its ORI for the audit; a department's stands in the registry of departments when unset.",
        example="ZZ0010100",
    )
