"""The settings of searches."""

from __future__ import annotations

from recordbus.settings.groups import Group, setting


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
