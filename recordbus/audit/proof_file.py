"""A proof that an entry is in a log, as one JSON document that anybody can check without the log.

It holds the entry as it is hashed, its place, the path to the root, and a signed checkpoint.
Whoever has the log's public key needs nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from recordbus.audit.checkpoint import last_checkpoint
from recordbus.audit.findings import Altered
from recordbus.audit.merkle import leaf_hash
from recordbus.audit.notes import Checkpoint, VerifierKey, is_signed_by, read_note
from recordbus.audit.proofs import inclusion_proof, is_included
from recordbus.audit.reader import decoded, leaves, read_mark
from recordbus.audit.tiles import TilesMissing, hashes_of, in_directory
from recordbus.errors import Misconfigured, Retryable

FORM: Final = "recordbus-audit-proof/1"


class Proven(NamedTuple):
    """An entry that a proof shows to be in a log, and the checkpoint it shows it by."""

    entry: dict[str, Any]
    checkpoint: Checkpoint


def find_entry(directory: Path, entry: str) -> tuple[int, bytes]:
    """Find an entry by its sequence or its id; Misconfigured when there is none."""
    mark = read_mark(directory)
    if entry.isdecimal() and int(entry) < mark.entries:
        return int(entry), next(leaves(directory, mark, int(entry)))
    said = b'"entry_id":' + orjson.dumps(entry)
    for sequence, leaf in enumerate(leaves(directory, mark)):
        if said in leaf:
            return sequence, leaf
    raise Misconfigured(f"the audit has no entry {entry[:80]}",
                        hint="name its sequence, or the audit id that an answer gave")  # fmt: skip


def prove(directory: Path, sequence: int, leaf: bytes) -> dict[str, Any]:
    """Give the proof of an entry; raises Retryable when no checkpoint covers it yet."""
    note = last_checkpoint(directory)
    if note is None or note.checkpoint.size <= sequence:
        raise Retryable("no checkpoint covers the entry yet", hint="`recordbus audit checkpoint`")
    try:
        hash_at = hashes_of(in_directory(directory))
        path = inclusion_proof(hash_at, sequence, note.checkpoint.size)
    except TilesMissing as error:
        raise Altered(f"the audit's tiles are not whole: {error}") from error
    return {
        "form": FORM,
        "sequence": sequence,
        "entry": leaf.decode(),
        "path": [each.hex() for each in path],
        "checkpoint": note.text,
    }


def check_proof(document: Mapping[str, Any], log_key: VerifierKey) -> Proven:
    """Check a proof with the log's public key alone; raises Altered when it does not hold."""
    try:
        leaf = str(document["entry"]).encode()
        path = [bytes.fromhex(each) for each in document["path"]]
        sequence, form = document["sequence"], document["form"]
        note = read_note(str(document["checkpoint"]))
    except (KeyError, TypeError, ValueError) as error:
        raise Altered("that is no proof of an audit entry") from error
    if form != FORM or not isinstance(sequence, int):
        raise Altered("that is no proof of an audit entry")
    checkpoint = note.checkpoint
    if checkpoint.origin != log_key.name or not is_signed_by(note, log_key):
        raise Altered("the proof's checkpoint is not signed by the log's key")
    if not is_included(leaf_hash(leaf), sequence, checkpoint.size, path, checkpoint.root):
        raise Altered("the entry is not in the log that the checkpoint is of")
    return Proven(decoded(leaf), checkpoint)
