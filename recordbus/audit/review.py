"""What auditors look at: entries drawn at random, entries about somebody, and what was asked there.

Texts are shown where they were not erased, and only those that open the commitment in the entry: a
text that somebody put in another's place is shown as missing (R-27, R-42).
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from recordbus.audit.encoding import COMMITTED, Opening, commitment
from recordbus.audit.mark import Mark
from recordbus.audit.openings import Sealer, sealed_openings
from recordbus.audit.reader import decoded, leaves, read_mark


class Reviewed(NamedTuple):
    """An entry, and by where it stands in the entry each text that was asked; None is erased."""

    entry: Mapping[str, Any]
    texts: Mapping[str, str | None]


def entries(directory: Path, wanted: Collection[int]) -> Iterator[dict[str, Any]]:
    """Give the entries of some sequences, in order."""
    last = max(wanted, default=-1)
    for sequence, leaf in enumerate(leaves(directory, read_mark(directory))):
        if sequence > last:
            return
        if sequence in wanted:
            yield decoded(leaf)


def sample(directory: Path, sealer: Sealer, count: int, seed: int) -> list[Reviewed]:
    """Draw entries at random, each as likely; the same seed over the same log draws the same."""
    total = read_mark(directory).entries
    drawn = random.Random(seed).sample(range(total), min(count, total))
    return reviewed(directory, sealer, set(drawn))


def reviewed(directory: Path, sealer: Sealer, wanted: Collection[int]) -> list[Reviewed]:
    """Give entries with what was asked in them."""
    mark = read_mark(directory)
    opened = {sequence: texts for sequence, texts in _opened(directory, sealer, mark)
              if sequence in wanted}  # fmt: skip
    return [Reviewed(entry, _texts(entry, opened.get(entry["sequence"], ())))
            for entry in entries(directory, wanted)]  # fmt: skip


def find(directory: Path, sealer: Sealer, text: str) -> list[Reviewed]:
    """Find the entries in which somebody asked for a text, however it was spaced or capitalised."""
    wanted = _folded(text)
    mark = read_mark(directory)
    found = {sequence for sequence, openings in _opened(directory, sealer, mark)
             if any(_folded(each.text) == wanted for each in openings)}  # fmt: skip
    return reviewed(directory, sealer, found)


def _opened(
    directory: Path, sealer: Sealer, mark: Mark
) -> Iterator[tuple[int, tuple[Opening, ...]]]:
    for _, sealed in sealed_openings(directory, mark):
        openings = sealer.opened(sealed)
        if openings is not None:
            yield sealed.sequence, openings


def _texts(entry: Mapping[str, Any], openings: Collection[Opening]) -> dict[str, str | None]:
    committed = dict(_commitments(entry.get("asked", {}), "asked"))
    opened = {each.where: each.text for each in openings
              if committed.get(each.where) == commitment(*each)}  # fmt: skip
    return {where: opened.get(where) for where in committed}


def _commitments(value: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and value.startswith(COMMITTED):
        yield where, value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _commitments(each, f"{where}.{name}")
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from _commitments(each, f"{where}.{place}")


def _folded(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
