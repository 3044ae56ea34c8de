"""Which files of a folder are which exports of a mapping."""

from __future__ import annotations

import fnmatch
from pathlib import Path
from typing import NamedTuple

from producers.mapping import DepartmentMapping, ExportMapping
from recordbus.errors import Misconfigured


class ExportFile(NamedTuple):
    """A file and the export that it is."""

    export: ExportMapping
    path: Path


def find_exports(mapping: DepartmentMapping, path: Path) -> list[ExportFile]:
    """Give the exports that a path holds: the one that a file is, or all those in a folder.

    In the order of the mapping. Misconfigured when there is none, or two files for one export.
    """
    if not path.is_dir():
        export = mapping.export_for(path.name)
        if export is None:
            raise _none(mapping, path)
        return [ExportFile(export, path)]
    found = [each for export in mapping.exports.values() for each in _in_folder(export, path)]
    if not found:
        raise _none(mapping, path)
    return found


def _in_folder(export: ExportMapping, folder: Path) -> list[ExportFile]:
    children = [child.file for child in export.children().values()]
    files = [
        path
        for path in sorted(folder.iterdir())
        if path.is_file()
        and fnmatch.fnmatch(path.name, export.spec.file)
        and not any(fnmatch.fnmatch(path.name, child) for child in children)
    ]
    if len(files) > 1:
        raise Misconfigured(
            f"{', '.join(path.name for path in files)} are all the export `{export.name}`",
            hint="keep each snapshot in a folder of its own, or name one file",
        )
    return [ExportFile(export, path) for path in files]


def _none(mapping: DepartmentMapping, path: Path) -> Misconfigured:
    wanted = ", ".join(f"{e.spec.file!r} ({e.name})" for e in mapping.exports.values())
    return Misconfigured(
        f"{path} is no export of the mapping {mapping.name}, which knows {wanted}",
        hint="check the path, or `file` of the mapping's exports",
    )
