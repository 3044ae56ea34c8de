"""The keys that tokens are checked with: public ones, by name, from one local file (JWKS).

Invariant: the file holds public keys for signatures and nothing else; a private key or a shared
secret in it is refused, for then whoever reads it could make tokens.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from recordbus import logs
from recordbus.errors import Misconfigured

_KEY_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SHORTEST_RSA_BITS: Final = 2048
_log = logs.logger(__name__)


class VerifyingKey(NamedTuple):
    """A public key, the algorithms a token may name with it, and how it verifies."""

    key: OKPKey | ECKey | RSAKey
    algorithms: tuple[str, ...]
    method: str


class Keyring:
    """The keys of one file, read again when the file was replaced."""

    def __init__(self, path: Path) -> None:
        """Read the file; raises Misconfigured when it is not there or not sound."""
        self._path = path
        self._stamp = self._seen()
        self._keys = read_keys(path)

    def __len__(self) -> int:
        return len(self._keys)

    def named(self, name: str) -> VerifyingKey | None:
        """Give a key, or None; a new file counts at once, a broken one not at all."""
        self._renew()
        return self._keys.get(name)

    def _renew(self) -> None:
        seen = self._seen()
        if seen == self._stamp:
            return
        self._stamp = seen
        try:
            self._keys = read_keys(self._path)
        except Misconfigured as error:
            _log.error("the new file of token keys is not used", error=type(error).__name__)

    def _seen(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino


def read_keys(path: Path) -> dict[str, VerifyingKey]:
    """Read the keys of a file by name; raises Misconfigured, naming the entry that is wrong."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["keys"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Misconfigured(
            f"the token keys {path} cannot be read: {type(error).__name__}",
            hint="`recordbus token key` makes one; it is a JSON Web Key Set",
        ) from None
    keys: dict[str, VerifyingKey] = {}
    for at, entry in enumerate(entries, 1):
        name = entry.get("kid") if isinstance(entry, Mapping) else None
        if not isinstance(name, str) or not _KEY_ID.fullmatch(name) or name in keys:
            raise _wrong(path, at, "its kid is missing, unusable or there twice")
        keys[name] = _verifying(entry, path, at)
    return keys


def _verifying(entry: Mapping[str, Any], path: Path, at: int) -> VerifyingKey:
    if "d" in entry or "k" in entry:
        raise _wrong(path, at, "it is private; only public keys belong here")
    if entry.get("use", "sig") != "sig":
        raise _wrong(path, at, "it is not for signatures")
    try:
        found = _imported(dict(entry))
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise _wrong(path, at, type(error).__name__) from None
    if found is None or entry.get("alg", found.algorithms[0]) not in found.algorithms:
        raise _wrong(path, at, "only Ed25519, P-256 and RSA from 2048 bits are taken")
    return found


def _imported(entry: dict[str, Any]) -> VerifyingKey | None:
    kind, curve = entry.get("kty"), entry.get("crv")
    if kind == "OKP" and curve == "Ed25519":
        return VerifyingKey(OKPKey.import_key(entry), ("EdDSA", "Ed25519"), "Ed25519")
    if kind == "EC" and curve == "P-256":
        return VerifyingKey(ECKey.import_key(entry), ("ES256",), "ES256")
    if kind == "RSA" and len(entry["n"]) * 6 >= _SHORTEST_RSA_BITS:  # base64: 6 bits a character
        key = RSAKey.import_key(entry)
        if key.public_key.key_size >= _SHORTEST_RSA_BITS:
            return VerifyingKey(key, ("RS256",), "RS256")
    return None


def _wrong(path: Path, at: int, why: str) -> Misconfigured:
    return Misconfigured(
        f"the token keys {path}: entry {at} cannot be used: {why}",
        hint="`recordbus token key` makes one that can",
    )
