"""Secrets in files of their own, readable by their owner only: ours are hex digits on one line.

Invariant: a secret of ours is never replaced, because every record key made with it would change.
"""

from __future__ import annotations

import os
import secrets as random_bytes
from pathlib import Path

from recordbus.errors import Misconfigured

SECRET_BYTES = 32
_SECRET_MODE = 0o600


def read_secret(path: Path) -> bytes:
    """Read a secret written as hex digits; its file must be readable by its owner only."""
    form = f"it holds at least {SECRET_BYTES} bytes as hex digits on one line"
    try:
        secret = bytes.fromhex(_own_text(path, form).strip())
    except ValueError as error:
        raise _unreadable(path, error, form) from None
    if len(secret) < SECRET_BYTES:
        raise Misconfigured(
            f"the secret in {path} is {len(secret)} bytes long",
            hint=f"make a new one of at least {SECRET_BYTES} bytes: openssl rand -hex 32",
        )
    return secret


def read_password(path: Path) -> str:
    """Read a password that others gave us: the first line, whose file only its owner may read."""
    form = "it holds the password on one line"
    password = _own_text(path, form).partition("\n")[0].rstrip("\r")
    if not password:
        raise Misconfigured(f"the secret in {path} is empty", hint=form)
    return password


def secret_of(text: str, setting: str) -> bytes:
    """Give the secret that a setting holds as hex digits, the form it has in a file.

    `setting` names it in the error; the text itself is never shown.
    """
    try:
        secret = bytes.fromhex(text.strip())
    except ValueError:
        secret = b""
    if len(secret) < SECRET_BYTES:
        raise Misconfigured(
            f"{setting} holds no secret of at least {SECRET_BYTES} bytes as hex digits",
            hint="openssl rand -hex 32 makes one; a file of its own is the safer place",
        )
    return secret


def make_secret(path: Path) -> bytes:
    """Give the secret in a file, making it first when there is none; two callers get the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f".{path.name}.{os.getpid()}.{random_bytes.token_hex(4)}")
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _SECRET_MODE)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(random_bytes.token_hex(SECRET_BYTES) + "\n")
        file.flush()
        os.fsync(descriptor)
    try:
        os.link(made, path)  # refuses to replace a secret that somebody else made meanwhile
    except FileExistsError:
        pass
    finally:
        made.unlink()
    return read_secret(path)


def _own_text(path: Path, form: str) -> str:
    """Read a file that nobody but its owner may read; raises Misconfigured otherwise."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise _unreadable(path, error, form) from None
    if mode & 0o077:
        raise Misconfigured(
            f"the secret in {path} is readable by others", hint=f"run: chmod 600 {path}"
        )
    return text


def _unreadable(path: Path, error: Exception, form: str) -> Misconfigured:
    return Misconfigured(f"the secret in {path} cannot be read: {type(error).__name__}", hint=form)
