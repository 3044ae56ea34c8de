"""Where things are in the directory of the audit.

`entries/` and `openings/` are for auditors only. Everything under `public/` is hashes and signed
checkpoints: it names nobody and may be served to whoever wants to watch the log.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

MARK: Final = Path("mark")
ENTRIES: Final = Path("entries")
OPENINGS: Final = Path("openings")
PUBLIC: Final = Path("public")
CHECKPOINT: Final = PUBLIC / "checkpoint"
EARLIER: Final = PUBLIC / "checkpoints"
COSIGNED: Final = Path("cosigned")


def entries_file(segment: int) -> Path:
    """Give the file of the entries from a sequence on."""
    return ENTRIES / f"{segment:020d}.log"


def openings_file(segment: int) -> Path:
    """Give the file of the openings of a segment's entries."""
    return OPENINGS / f"{segment:020d}.log"


def tile_file(height: int, index: int) -> Path:
    """Give the file of 256 neighbouring hashes; of height 0 are leaves, of 1 roots over 256 ..."""
    return PUBLIC / "tiles" / str(height) / f"{index:09d}"
