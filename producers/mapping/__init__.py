"""How a department's columns and codes become our fields: a small language, read and run (pure).

The invariant: a mapping never guesses. What it does not say is null, what it cannot read is
refused by name, and a mistake in the file is found before the first row, with its line number.
"""

from producers.mapping.export import ExportMapping, MappedRecord, RowMapper
from producers.mapping.load import DepartmentMapping, load
from producers.mapping.problems import MappingInvalid, Problem

__all__ = [
    "DepartmentMapping",
    "ExportMapping",
    "MappedRecord",
    "MappingInvalid",
    "Problem",
    "RowMapper",
    "load",
]
