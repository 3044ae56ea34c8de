"""The list of files the local servers are made of, each with its size and digest.

Pure. The list is part of the package, so every installation runs the same bytes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources

KAFKA = "kafka"
REGISTRY = "registry"


@dataclass(frozen=True, slots=True)
class LockedFile:
    """One file of a server: its coordinate in the repository, its size and its digest."""

    server: str
    group: str
    artifact: str
    version: str
    classifier: str
    packaging: str
    size_bytes: int
    sha256: str

    @property
    def filename(self) -> str:
        """Give the file's name in the cache."""
        tail = f"-{self.classifier}" if self.classifier else ""
        return f"{self.artifact}-{self.version}{tail}.{self.packaging}"

    @property
    def coordinate(self) -> str:
        """Give the coordinate as it stands in the list."""
        short = f"{self.group}:{self.artifact}:{self.version}"
        return f"{short}:{self.classifier}:{self.packaging}" if self.classifier else short


def parse(text: str) -> tuple[LockedFile, ...]:
    """Read the list: `[server]` headings, then one file a line; `#` begins a comment."""
    files: list[LockedFile] = []
    server = ""
    for line in (raw.strip() for raw in text.splitlines()):
        if line.startswith("["):
            server = line.strip("[]")
        elif line and not line.startswith("#"):
            files.append(_file(server, line))
    return tuple(files)


def render(files: tuple[LockedFile, ...], comment: str) -> str:
    """Write the list again; the inverse of `parse`."""
    lines = [f"# {line}".rstrip() for line in comment.splitlines()]
    server = ""
    for file in files:
        if file.server != server:
            server = file.server
            lines += ["", f"[{server}]"]
        lines.append(f"{file.coordinate} {file.size_bytes} {file.sha256}")
    return "\n".join(lines) + "\n"


@cache
def text() -> str:
    """Give the list that is shipped with the package."""
    return resources.files(__package__).joinpath("servers.lock").read_text(encoding="utf-8")


@cache
def files() -> tuple[LockedFile, ...]:
    """Give the files that are shipped with the package's list, in class path order."""
    return parse(text())


def digest(listing: str) -> str:
    """Name a list by its files: another list means another place in the cache."""
    rows = "\n".join(f"{file.filename} {file.sha256}" for file in parse(listing))
    return hashlib.sha256(rows.encode()).hexdigest()[:12]


def _file(server: str, line: str) -> LockedFile:
    coordinate, size, sha256 = line.split()
    group, artifact, version, *rest = coordinate.split(":")
    classifier, packaging = rest or ("", "jar")
    return LockedFile(server, group, artifact, version, classifier, packaging, int(size), sha256)
