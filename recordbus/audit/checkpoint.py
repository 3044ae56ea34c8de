"""Signs how far the log goes, after making sure that it only grew since the last time (R-40).

Invariant: nothing is signed that does not begin with what was signed before. The older root is
computed again from the tiles, or where they are not whole, from the entries.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from recordbus.audit.files import replace_file
from recordbus.audit.findings import Altered
from recordbus.audit.layout import CHECKPOINT, EARLIER
from recordbus.audit.lock import LockFile
from recordbus.audit.mark import Mark
from recordbus.audit.merkle import EMPTY_ROOT, leaf_hash
from recordbus.audit.notes import LOG_KEY, Checkpoint, Note, is_signed_by, key_of, read_note, signed
from recordbus.audit.proofs import HashAt, root_at
from recordbus.audit.reader import leaves, read_mark
from recordbus.audit.tiles import TILE, TilesMissing, extend, hashes_of, in_directory

_AT_ONCE: Final = 256 * TILE
_PATIENCE_SECONDS: Final = 10.0


def last_checkpoint(directory: Path) -> Note | None:
    """Give the newest checkpoint of a log, whose signature is not checked; None when there is none.

    Raises Altered when the file holds no checkpoint.
    """
    path = directory / CHECKPOINT
    return read_note(path.read_text(encoding="utf-8")) if path.exists() else None


def make_checkpoint(directory: Path, origin: str, key: Ed25519PrivateKey) -> Note:
    """Sign the log as it is now and publish the checkpoint; the last one when nothing was added.

    Raises Altered when the log does not begin with what was signed before.
    """
    lock = LockFile(directory / "checkpoint.lock")
    try:
        with lock.held(_PATIENCE_SECONDS):
            return _made(directory, origin, key)
    finally:
        lock.close()


def _made(directory: Path, origin: str, key: Ed25519PrivateKey) -> Note:
    before = last_checkpoint(directory)
    _check_signature(before, origin, key)
    mark = read_mark(directory)
    known = before.checkpoint if before else Checkpoint(origin, 0, EMPTY_ROOT)
    if mark.entries < known.size:
        raise Altered(f"the audit has {mark.entries} entries where {known.size} were signed")
    hash_at = _grown_tiles(directory, known, mark)
    if before is not None and mark.entries == known.size:
        return before
    note = signed(Checkpoint(origin, mark.entries, root_at(hash_at, mark.entries)), key)
    replace_file(directory / EARLIER / f"{mark.entries:020d}", note.text.encode())
    replace_file(directory / CHECKPOINT, note.text.encode())
    return note


def _check_signature(note: Note | None, origin: str, key: Ed25519PrivateKey) -> None:
    if note is not None and (
        note.checkpoint.origin != origin or not is_signed_by(note, key_of(origin, LOG_KEY, key))
    ):
        raise Altered("the last checkpoint of the audit is not signed by this log's key")


def _grown_tiles(directory: Path, known: Checkpoint, mark: Mark) -> HashAt:
    """Add what is new to the tiles; where they are not those of the checkpoint, make them anew.

    A power loss may take tiles, and they can be derived. Raises Altered when the entries do not
    give the checkpoint's root either.
    """
    for start in (known.size, 0):
        try:
            _extend(directory, start, leaves(directory, mark, start))
            hash_at = hashes_of(in_directory(directory))
            if root_at(hash_at, known.size) == known.root:
                root_at(hash_at, mark.entries)
                return hash_at
        except TilesMissing:
            continue
    raise Altered(f"the first {known.size} entries of the audit are not what was signed")


def _extend(directory: Path, size: int, added: Iterator[bytes]) -> None:
    while batch := [leaf_hash(leaf) for leaf in islice(added, _AT_ONCE)]:
        size = extend(directory, size, batch)
