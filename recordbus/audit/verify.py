"""Verifies a whole log against every checkpoint of it that is to be had (R-40).

Invariant: everything is computed anew from the entries; neither tiles nor marks are believed. A log
that is sound has exactly the entries that its checkpoints say, in their order, each at its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from recordbus.audit.findings import Altered
from recordbus.audit.layout import CHECKPOINT, COSIGNED, EARLIER
from recordbus.audit.merkle import BLOCK, Frontier, leaf_hash
from recordbus.audit.notes import Note, VerifierKey, cosigned_at, is_signed_by, read_note
from recordbus.audit.reader import leaves, read_mark
from recordbus.audit.salvage import Damaged

_AT_ONCE: Final = 16 * BLOCK
_MOST_FINDINGS: Final = 20


class Report(NamedTuple):
    """What verifying found; `cosigned` is when each witness last vouched for this very log."""

    entries: int
    root: bytes
    checkpoints: int
    covered: int
    cosigned: dict[str, int]
    findings: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found that should not be so."""
        return not self.findings


def stored_checkpoints(directory: Path) -> list[tuple[str, str]]:
    """Give the checkpoints that stand in a log's directory, each with where it is from."""
    paths = [directory / CHECKPOINT, *sorted(directory.joinpath(EARLIER).glob("*")),
             *sorted(directory.joinpath(COSIGNED).glob("*"))]  # fmt: skip
    return [(path.name, path.read_text(encoding="utf-8", errors="replace"))
            for path in paths if path.is_file() and not path.name.startswith(".")]  # fmt: skip


def verify(
    directory: Path, log_key: VerifierKey, witnesses: Sequence[VerifierKey],
    checkpoints: Iterable[tuple[str, str]],
) -> Report:  # fmt: skip
    """Verify a log against checkpoints, each with a name for the report.

    Raises nothing for a log that was altered: the report says what was found.
    """
    findings: list[str] = []
    notes = _signed_notes(checkpoints, log_key, findings)
    roots, entries, root = _roots(directory, {note.checkpoint.size for _, note in notes}, findings)
    cosigned: dict[str, int] = {}
    for name, note in notes:
        size = note.checkpoint.size
        if size > entries:
            findings.append(f"checkpoint {name} is of {size} entries; the log has {entries}")
        elif roots.get(size) != note.checkpoint.root:
            findings.append(f"the first {size} entries are not those of checkpoint {name}")
        else:
            _count_cosignatures(note, witnesses, cosigned)
    if entries and not notes:
        findings.append("no checkpoint vouches for the log")
    covered = max((note.checkpoint.size for _, note in notes), default=0)
    told = tuple(findings[:_MOST_FINDINGS])
    return Report(entries, root, len(notes), min(covered, entries), cosigned, told)


def _signed_notes(
    checkpoints: Iterable[tuple[str, str]], log_key: VerifierKey, findings: list[str]
) -> list[tuple[str, Note]]:
    notes = []
    for name, text in checkpoints:
        try:
            note = read_note(text)
        except Altered:
            findings.append(f"{name} is no checkpoint")
            continue
        if note.checkpoint.origin == log_key.name and is_signed_by(note, log_key):
            notes.append((name, note))
        else:
            findings.append(f"checkpoint {name} is not signed by the log's key")
    return notes


def _roots(
    directory: Path, wanted: set[int], findings: list[str]
) -> tuple[dict[int, bytes], int, bytes]:
    """Give the roots at the wanted sizes, how many entries are sound, and the root over them."""
    frontier = Frontier()
    roots = {0: frontier.root()} if 0 in wanted else {}
    try:
        entries = leaves(directory, read_mark(directory))
        for size in [*sorted(wanted - {0}), None]:
            while size is None or frontier.size < size:
                most = _AT_ONCE if size is None else min(_AT_ONCE, size - frontier.size)
                batch = list(islice(entries, most))
                if not batch:
                    break
                _check_places(batch, frontier.size)
                frontier.push_all([leaf_hash(leaf) for leaf in batch])
            if size == frontier.size:
                roots[size] = frontier.root()
    except (Damaged, Altered) as error:
        findings.append(error.message)
    except OSError as error:
        findings.append(f"the log cannot be read: {error.strerror or error}")
    return roots, frontier.size, frontier.root()


def _check_places(batch: Sequence[bytes], first: int) -> None:
    """Check that every entry says its own place; what it says cannot stand in one of its texts."""
    for sequence, leaf in enumerate(batch, first):
        if b'"sequence":%d' % sequence not in leaf:
            raise Altered(f"entry {sequence} says that it belongs elsewhere")


def _count_cosignatures(
    note: Note, witnesses: Sequence[VerifierKey], cosigned: dict[str, int]
) -> None:
    for witness in witnesses:
        at = cosigned_at(note, witness)
        if at is not None:
            cosigned[witness.name] = max(at, cosigned.get(witness.name, 0))
