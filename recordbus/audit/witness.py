"""A witness: somebody elsewhere who remembers what a log once said, and never signs a rewriting.

Invariant: a witness signs a checkpoint only when the log shows that it begins with the last one
the witness signed, and remembers the new one before it gives its signature away. So a log that
was rewritten never has this witness's signature (R-40).
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from recordbus.audit.files import replace_file
from recordbus.audit.findings import Altered
from recordbus.audit.notes import (
    Checkpoint,
    Note,
    VerifierKey,
    cosigned,
    is_signed_by,
    read_note,
)
from recordbus.audit.proofs import consistency_proof, is_consistent, root_at
from recordbus.audit.source import Source, published_checkpoint, published_tile
from recordbus.audit.tiles import TilesMissing, hashes_of


def last_seen(state: Path) -> Note | None:
    """Give the checkpoint that a witness last signed; None when it has seen none."""
    return read_note(state.read_text(encoding="utf-8")) if state.exists() else None


def witness(
    source: Source, log_key: VerifierKey, state: Path, name: str, key: Ed25519PrivateKey, at: int
) -> Note:
    """Look at a log, and give its newest checkpoint with this witness's signature.

    `at` is the present in seconds since 1970. Raises Altered when the log is forked, was rolled
    back or does not show that it only grew; the witness keeps what it saw before then.
    """
    note = read_note(published_checkpoint(source))
    if note.checkpoint.origin != log_key.name or not is_signed_by(note, log_key):
        raise Altered("the checkpoint is not signed by the log's key")
    before = last_seen(state)
    _check_growth(source, before.checkpoint if before else None, note.checkpoint)
    signature = cosigned(note.checkpoint, name, key, at)
    own = [each for each in note.signatures if each.name == log_key.name]
    vouched = Note(note.checkpoint, (*own, signature))
    replace_file(state, vouched.text.encode())
    return vouched


def _check_growth(source: Source, before: Checkpoint | None, now: Checkpoint) -> None:
    hash_at = hashes_of(partial(published_tile, source))
    try:
        if before is None:
            if root_at(hash_at, now.size) != now.root:
                raise Altered("the checkpoint is not one of the tiles that the log publishes")
            return
        if now.size < before.size:
            raise Altered(f"the log was rolled back: {now.size} entries where {before.size} were")
        proof = consistency_proof(hash_at, before.size, now.size)
    except TilesMissing as error:
        raise Altered(f"the log does not show that it only grew: {error}") from error
    if not is_consistent(before.size, now.size, before.root, now.root, proof):
        raise Altered(f"the log is forked: its first {before.size} entries are not what they were")
