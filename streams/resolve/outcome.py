"""Files of what came out: links, explanations; each is whole or not there."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from recordbus.errors import Misconfigured
from streams.resolution.batch import Resolution
from streams.resolve.mention import mention_id
from streams.resolve.people import People

LINK_COLUMNS: Final = ("source", "record_id", "entity_id")


def write_links(path: Path, people: People, found: Resolution) -> None:
    """Write the entity of every record, in the order in which the records came."""
    with _replaced(path) as out:
        write = csv.writer(out, lineterminator="\n").writerow
        write(LINK_COLUMNS)
        for source, record_id in people.names:
            write((source, record_id, found.entities[mention_id(source, record_id)]))


def write_explanations(path: Path, found: Resolution) -> None:
    """Write one JSON line for every pair that is linked, nearly linked, or kept apart by a veto."""
    with _replaced(path) as out:
        out.writelines(f"{line}\n" for line in found.explanations())


@contextmanager
def _replaced(path: Path) -> Iterator[TextIO]:
    """Open a file that takes its name when it is complete; only its owner may read it."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with partial.open("w", encoding="utf-8", newline="") as out:
            partial.chmod(0o600)
            yield out
        partial.replace(path)
    except OSError as wrong:
        raise Misconfigured(
            f"cannot write {path}: {wrong.strerror or wrong}",
            hint="name a file in a folder of yours",
        ) from None
    finally:
        partial.unlink(missing_ok=True)
