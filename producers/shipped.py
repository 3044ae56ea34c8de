"""The mappings that come with recordbus, and those in files of one's own."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from producers.mapping import DepartmentMapping, load
from recordbus.errors import Misconfigured

_FOLDER = "mappings"
_SUFFIX = ".yaml"


def shipped_names() -> tuple[str, ...]:
    """Give the names of the mappings that come with recordbus, sorted."""
    files = resources.files("producers").joinpath(_FOLDER).iterdir()
    return tuple(sorted(f.name.removesuffix(_SUFFIX) for f in files if f.name.endswith(_SUFFIX)))


def find_mapping(name_or_path: str) -> DepartmentMapping:
    """Load a shipped mapping by name, or a mapping file by path.

    Raises MappingInvalid with every mistake in it, Misconfigured when there is none.
    """
    if name_or_path in shipped_names():
        file = resources.files("producers").joinpath(_FOLDER, f"{name_or_path}{_SUFFIX}")
        return load(file.read_text(encoding="utf-8"), name=name_or_path)
    path = Path(name_or_path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(
            f"there is no mapping {name_or_path!r}: {type(error).__name__}",
            hint=f"name a file, or one of those shipped: {', '.join(shipped_names())}",
        ) from error
    return load(text, name=str(path))
