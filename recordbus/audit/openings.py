"""What opens the commitments of an entry, encrypted, and erasable without touching the log (R-27).

Invariant: an opening stands in one place only. Erasing overwrites that place with zeros; the entry,
its hash and every proof stay what they were, and nobody can tell any more what was committed to.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from recordbus.audit.encoding import Opening
from recordbus.audit.files import Files, opened
from recordbus.audit.frames import framed, unframed
from recordbus.audit.layout import OPENINGS
from recordbus.audit.mark import Mark

_NONCE_BYTES: Final = 12
_SEQUENCE_BYTES: Final = 8


class Sealed(NamedTuple):
    """The openings of one entry as they stand on disk."""

    sequence: int
    offset: int
    data: bytes

    @property
    def is_erased(self) -> bool:
        """Whether somebody has erased them."""
        return not any(self.data[_SEQUENCE_BYTES:])


class Sealer:
    """Encrypts and decrypts openings with AES-256-GCM; the sequence is authenticated too."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key[:32])

    def sealed(self, sequence: int, openings: tuple[Opening, ...]) -> bytes:
        """Give the openings of an entry as bytes that say nothing without the key."""
        nonce, at = os.urandom(_NONCE_BYTES), sequence.to_bytes(_SEQUENCE_BYTES)
        told = orjson.dumps([[each.where, each.salt.hex(), each.text] for each in openings])
        return at + nonce + self._cipher.encrypt(nonce, told, at)

    def opened(self, sealed: Sealed) -> tuple[Opening, ...] | None:
        """Give the openings; None where they were erased or the key is another one."""
        at, rest = sealed.data[:_SEQUENCE_BYTES], sealed.data[_SEQUENCE_BYTES:]
        if sealed.is_erased:
            return None
        try:
            told = self._cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], at)
        except InvalidTag:
            return None
        return tuple(Opening(where, bytes.fromhex(salt), text)
                     for where, salt, text in orjson.loads(told))  # fmt: skip


def sealed_openings(directory: Path, mark: Mark) -> Iterator[tuple[Path, Sealed]]:
    """Give the openings of all acknowledged entries, in order; raises Torn where one is damaged."""
    for path in sorted(directory.joinpath(OPENINGS).glob("*.log")):
        if int(path.stem) > mark.segment:
            return
        content = path.read_bytes()
        if int(path.stem) == mark.segment:
            content = content[: mark.openings_end]
        for offset, data in unframed(content):
            yield path, Sealed(int.from_bytes(data[:_SEQUENCE_BYTES]), offset, data)


def erase(files: Files, path: Path, sealed: Sealed) -> None:
    """Overwrite the openings of one entry where they stand, and wait for the disk."""
    nothing = sealed.data[:_SEQUENCE_BYTES] + bytes(len(sealed.data) - _SEQUENCE_BYTES)
    frame = framed(nothing)
    with opened(files, path) as handle:
        files.write(handle, frame, sealed.offset)
        files.sync(handle)
