"""Ed25519 keys in files: the log's own, and a witness's.

Invariant: a key is never replaced, because every checkpoint signed with it would lose its meaning.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from recordbus.audit.notes import VerifierKey, verifier_key
from recordbus.errors import Misconfigured


def make_key(path: Path) -> Ed25519PrivateKey:
    """Give the key in a PEM file, making it first when there is none; two callers get the same."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ))  # fmt: skip
            file.flush()
            os.fsync(descriptor)
        try:
            os.link(made, path)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return read_key(path)


def read_key(path: Path) -> Ed25519PrivateKey:
    """Read a key; raises Misconfigured when others may read it too or it is no Ed25519 key."""
    try:
        mode, content = path.stat().st_mode, path.read_bytes()
        key = serialization.load_pem_private_key(content, password=None)
    except (OSError, ValueError, TypeError) as error:
        raise Misconfigured(
            f"the key in {path} cannot be read: {type(error).__name__}",
            hint="it is an Ed25519 key as PEM: openssl genpkey -algorithm ed25519",
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise Misconfigured(f"the key in {path} is no Ed25519 key")
    if mode & 0o077:
        raise Misconfigured(f"the key in {path} is readable by others",
                            hint=f"run: chmod 600 {path}")  # fmt: skip
    return key


def read_verifier_keys(path: Path | None) -> tuple[VerifierKey, ...]:
    """Read public keys, one a line; lines that begin with # are for people."""
    if path is None:
        return ()
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"the keys in {path} cannot be read: {type(error).__name__}") from None
    told = (line.strip() for line in lines)
    return tuple(verifier_key(line) for line in told if line and not line.startswith("#"))
