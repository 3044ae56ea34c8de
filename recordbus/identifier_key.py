"""The one key under which every part of a bus hashes identifiers, so that equal ones meet."""

from __future__ import annotations

from recordbus.secret_files import read_secret, secret_of
from recordbus.settings import Settings


def identifier_key(settings: Settings) -> bytes:
    """Give the key from the settings or from its file; raises Misconfigured when there is none."""
    key = settings.identifiers.key
    if key is not None:
        return secret_of(key.get_secret_value(), "identifiers.key")
    return read_secret(settings.identifier_key_path())
