"""Puts the audit together from the settings; nothing below this reads a setting."""

from __future__ import annotations

from recordbus.audit.keys import make_key, read_verifier_keys
from recordbus.audit.log import AuditLog
from recordbus.audit.notes import VerifierKey
from recordbus.audit.openings import Sealer
from recordbus.audit.place import PlaceFile
from recordbus.audit.store import Store
from recordbus.audit.watching import Watch
from recordbus.clock import SystemClock
from recordbus.secret_files import make_secret
from recordbus.settings import Settings


def open_audit(settings: Settings) -> AuditLog:
    """Give the log that this process appends to; close it at the end.

    Raises Misconfigured when the secret of the openings cannot be read.
    """
    return AuditLog(open_store(settings), settings.audit.timeout_seconds)


def open_store(settings: Settings) -> Store:
    """Give the log on disk."""
    return Store(settings.audit_directory(), open_sealer(settings))


def open_sealer(settings: Settings) -> Sealer:
    """Give what encrypts and decrypts openings; its secret is made at first use."""
    return Sealer(make_secret(settings.audit_openings_key_path()))


def uses_place(settings: Settings, log: str) -> PlaceFile:
    """Give where it is kept how far the uses of a log are published."""
    return PlaceFile(settings.run_directory / "uses" / "place.json", log)


def open_watch(settings: Settings) -> Watch:
    """Give what signs and verifies the log; its key is made at first use."""
    return Watch(
        settings.audit_directory(), settings.audit.origin,
        make_key(settings.audit_signing_key_path()), witness_keys(settings), SystemClock(),
    )  # fmt: skip


def witness_keys(settings: Settings) -> tuple[VerifierKey, ...]:
    """Give the public keys of the witnesses whose cosignatures count."""
    return read_verifier_keys(settings.audit.witness_keys_file)
