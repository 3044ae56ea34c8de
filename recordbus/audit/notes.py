"""Signed notes and checkpoints, in the form that transparency logs and their witnesses use (pure).

A checkpoint is three lines - the log's name, its size, its root in base64 - an empty line, and
signature lines: a dash, a key's name, and four bytes that tell keys of one name apart with the
signature, in base64. The log's own signature is Ed25519 over the lines; a witness signs them with
the time at which it saw them before them (C2SP signed-note, tlog-checkpoint, tlog-cosignature).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from recordbus.audit.findings import Altered
from recordbus.audit.merkle import HASH_BYTES
from recordbus.errors import Misconfigured

LOG_KEY: Final = 1
WITNESS_KEY: Final = 4
_ID_BYTES: Final = 4
_TIME_BYTES: Final = 8
_NAME = re.compile(r"[^\s+]{1,200}")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_SIGNATURE = re.compile(r"— ([^\s+]{1,200}) ([A-Za-z0-9+/]+={0,2})")


class Checkpoint(NamedTuple):
    """What a log says of itself: its name, how many entries it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """Give the lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class VerifierKey(NamedTuple):
    """A public key with its name and use, as one word: name+id+key."""

    name: str
    use: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Give the four bytes that stand in this key's signatures."""
        told = f"{self.name}\n".encode() + bytes([self.use]) + self.public
        return hashlib.sha256(told).digest()[:_ID_BYTES]

    def __str__(self) -> str:
        told = base64.b64encode(bytes([self.use]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{told}"


class Signature(NamedTuple):
    """One signature line; `key_id` says by which key."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """Give the line."""
        return f"— {self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


class Note(NamedTuple):
    """A checkpoint with its signatures, none of which is checked yet."""

    checkpoint: Checkpoint
    signatures: tuple[Signature, ...]

    @property
    def text(self) -> str:
        """Give the whole note as it stands in a file."""
        return self.checkpoint.text + "\n" + "".join(each.line for each in self.signatures)


def verifier_key(text: str) -> VerifierKey:
    """Read a public key; raises Misconfigured when it is none or its id is wrong."""
    name, _, rest = text.strip().partition("+")
    key_id, _, told = rest.partition("+")
    try:
        content = base64.b64decode(told, validate=True)
    except binascii.Error:
        content = b""
    if _NAME.fullmatch(name) and len(content) == HASH_BYTES + 1:
        key = VerifierKey(name, content[0], content[1:])
        if key.key_id.hex() == key_id and key.use in (LOG_KEY, WITNESS_KEY):
            return key
    raise Misconfigured("a public key of the audit cannot be read",
                        hint="it is one word: name, +, eight hex digits, +, base64")  # fmt: skip


def read_note(text: str) -> Note:
    """Read a checkpoint and its signatures; raises Altered when it is none."""
    body, _, signed = text.partition("\n\n")
    lines = body.split("\n")
    signatures = [_SIGNATURE.fullmatch(line) for line in signed.splitlines()]
    if len(lines) == 3 and _NAME.fullmatch(lines[0]) and _SIZE.fullmatch(lines[1]):
        root = _decoded(lines[2])
        if len(root) == HASH_BYTES and signatures and all(signatures):
            told = [(found[1], _decoded(found[2])) for found in signatures if found]
            return Note(
                Checkpoint(lines[0], int(lines[1]), root),
                tuple(Signature(name, one[:_ID_BYTES], one[_ID_BYTES:]) for name, one in told),
            )
    raise Altered("that is no signed checkpoint")


def signed(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> Note:
    """Give a checkpoint with the signature of its log."""
    by = key_of(checkpoint.origin, LOG_KEY, key)
    signature = key.sign(checkpoint.text.encode())
    return Note(checkpoint, (Signature(by.name, by.key_id, signature),))


def cosigned(checkpoint: Checkpoint, name: str, key: Ed25519PrivateKey, at: int) -> Signature:
    """Give a witness's signature over a checkpoint and when it saw it, in seconds since 1970."""
    by = key_of(name, WITNESS_KEY, key)
    signature = key.sign(_with_time(checkpoint, at))
    return Signature(name, by.key_id, at.to_bytes(_TIME_BYTES) + signature)


def key_of(name: str, use: int, key: Ed25519PrivateKey) -> VerifierKey:
    """Give the public half of a key under a name."""
    return VerifierKey(name, use, key.public_key().public_bytes_raw())


def is_signed_by(note: Note, key: VerifierKey) -> bool:
    """Say whether the log's key signed a note."""
    return any(
        _verifies(key, each.signature, note.checkpoint.text.encode())
        for each in note.signatures
        if (each.name, each.key_id) == (key.name, key.key_id) and key.use == LOG_KEY
    )


def cosigned_at(note: Note, key: VerifierKey) -> int | None:
    """Give when a witness cosigned a note, in seconds since 1970; None where it did not."""
    for each in note.signatures:
        if (each.name, each.key_id) == (key.name, key.key_id) and key.use == WITNESS_KEY:
            at = int.from_bytes(each.signature[:_TIME_BYTES])
            if _verifies(key, each.signature[_TIME_BYTES:], _with_time(note.checkpoint, at)):
                return at
    return None


def _with_time(checkpoint: Checkpoint, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{checkpoint.text}".encode()


def _verifies(key: VerifierKey, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
