"""Many text files written side by side with few open at a time and bounded memory.

Lines gather per file and are appended a few hundred at a time; what is on disk depends only on the
lines, never on when they were flushed.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

_FLUSH_LINES = 512


class TextFile:
    """A file that grows by whole lines; `close` writes what is left."""

    __slots__ = ("_encoding", "_lines", "_path", "append")

    def __init__(self, path: Path, encoding: str = "utf-8", first_line: str = "") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(first_line.encode(encoding))
        self._path = path
        self._encoding = "utf-8" if encoding == "utf-8-sig" else encoding
        self._lines: list[str] = []
        self.append = self._lines.append

    def flush(self, least: int = _FLUSH_LINES) -> None:
        """Append the gathered lines to the file when there are at least so many."""
        if len(self._lines) < least:
            return
        with self._path.open("ab", buffering=0) as out:
            out.write("".join(self._lines).encode(self._encoding))
        self._lines.clear()


class TextFiles:
    """All files of one run."""

    def __init__(self) -> None:
        self._files: list[TextFile] = []

    def open(self, path: Path, encoding: str = "utf-8", first_line: str = "") -> TextFile:
        """Create the file with its first line and return it."""
        file = TextFile(path, encoding, first_line)
        self._files.append(file)
        return file

    def flush(self, least: int = _FLUSH_LINES) -> None:
        """Write out every file that has gathered at least so many lines."""
        for file in self._files:
            file.flush(least)

    def close(self) -> None:
        """Write out all that is left."""
        self.flush(least=1)


def csv_line(cells: Iterable[str]) -> str:
    """Return a line for the truth folder, quoting only what needs it."""
    return ",".join(f'"{cell}"' if ("," in cell or '"' in cell) else cell for cell in cells) + "\n"
