"""Writes today's schemas into the history: `python -m tests.contract.schemas.freeze N`.

For whoever changes a schema: give the number of the version that is not published yet.
"""

from __future__ import annotations

import sys
from pathlib import Path

from schemas import catalog
from schemas.versions import frozen_text

HISTORY = Path(__file__).parents[3] / "schemas" / "history"


def freeze(number: int) -> list[Path]:
    """Write every topic's value type as version `number`; give the files written."""
    folder = HISTORY / str(number)
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for full_name in catalog.value_schemas():
        path = folder / f"{full_name.rpartition('.')[2]}.avsc"
        path.write_text(frozen_text(full_name), encoding="utf-8")
        written.append(path)
    return written


if __name__ == "__main__":
    for path in freeze(int(sys.argv[1])):
        sys.stdout.write(f"{path}\n")
