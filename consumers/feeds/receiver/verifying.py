"""Checks that a message is from the bus, unchanged, and sent just now (pure).

Standard Webhooks 1.0: a signature is over `id.timestamp.body`, so neither of the three can be
another one, and a message that somebody kept is worth nothing five minutes later.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TOLERANCE_SECONDS: Final = 300
SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - how one begins
PUBLIC_PREFIX: Final = "whpk_"
_LEAST_SECRET_BYTES: Final = 24
_MOST_SIGNATURES: Final = 20
_LONGEST_ID: Final = 200


class Forged(Exception):
    """A message that must not be believed; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Hmac(NamedTuple):
    version: str
    secret: bytes

    def fits(self, signature: bytes, content: bytes) -> bool:
        return hmac.compare_digest(hmac.digest(self.secret, content, hashlib.sha256), signature)


class _Ed25519(NamedTuple):
    version: str
    public: Ed25519PublicKey

    def fits(self, signature: bytes, content: bytes) -> bool:
        try:
            self.public.verify(signature, content)
        except InvalidSignature:
            return False
        return True


class Verifier:
    """Checks messages with the keys that are known; one signature that holds is enough."""

    def __init__(self, keys: Iterable[str]) -> None:
        """`keys` are `whsec_...` or `whpk_...`; raises ValueError, which repeats none of them."""
        self._keys = [_key(text) for text in keys]
        if not self._keys:
            raise ValueError("without a key nothing can be checked")

    def check(self, headers: Mapping[str, str], body: bytes, now_seconds: float) -> str:
        """Give the id of a message; raises Forged. Header names are lower-case."""
        message_id = headers.get("webhook-id", "")
        timestamp = headers.get("webhook-timestamp", "")
        if not 0 < len(message_id) <= _LONGEST_ID or not (timestamp.isascii() and timestamp):
            raise Forged("no_headers")
        self._check_time(timestamp, now_seconds)
        content = f"{message_id}.{timestamp}.".encode() + body
        if not self._holds(headers.get("webhook-signature", ""), content):
            raise Forged("bad_signature")
        return message_id

    def _check_time(self, timestamp: str, now_seconds: float) -> None:
        if not timestamp.isdigit() or len(timestamp) > len("18446744073709551615"):
            raise Forged("no_headers")
        age = now_seconds - int(timestamp)
        if age > TOLERANCE_SECONDS:
            raise Forged("too_old")
        if age < -TOLERANCE_SECONDS:
            raise Forged("from_the_future")

    def _holds(self, header: str, content: bytes) -> bool:
        for text in header.split(" ")[:_MOST_SIGNATURES]:
            version, _, encoded = text.partition(",")
            signature = _decoded(encoded)
            if signature and any(
                key.version == version and key.fits(signature, content) for key in self._keys
            ):
                return True
        return False


def _key(text: str) -> _Hmac | _Ed25519:
    if text.startswith(SECRET_PREFIX):
        secret = _decoded(text.removeprefix(SECRET_PREFIX))
        if len(secret) < _LEAST_SECRET_BYTES:
            raise ValueError("a secret is whsec_ and at least 24 bytes in base64")
        return _Hmac("v1", secret)
    if text.startswith(PUBLIC_PREFIX):
        public = _decoded(text.removeprefix(PUBLIC_PREFIX))
        try:
            return _Ed25519("v1a", Ed25519PublicKey.from_public_bytes(public))
        except ValueError:
            raise ValueError("a public key is whpk_ and 32 bytes in base64") from None
    raise ValueError("a key begins with whsec_ or whpk_")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        return b""
