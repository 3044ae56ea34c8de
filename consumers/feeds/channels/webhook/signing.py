"""Signatures of Standard Webhooks 1.0, over `id.timestamp.body` (pure).

Invariant: a signature is of the exact bytes that are sent, and stands beside those of all other
keys that are live, so a subscriber may change from one key to the next without missing anything.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Kind = Literal["hmac", "ed25519"]
SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - how one begins
PUBLIC_PREFIX: Final = "whpk_"


class HmacKey(NamedTuple):
    """A secret that both sides hold; who can check a signature can make one."""

    secret: bytes

    def signature(self, content: bytes) -> str:
        """Give `v1,` and the HMAC-SHA256 of some bytes."""
        return "v1," + _text(hmac.new(self.secret, content, hashlib.sha256).digest())

    def shown(self) -> str:
        """Give it as the subscriber's side takes it: the secret itself."""
        return SECRET_PREFIX + _text(self.secret)


class Ed25519Key(NamedTuple):
    """A private key of ours; the subscriber has the public half and can sign nothing."""

    private: Ed25519PrivateKey

    def signature(self, content: bytes) -> str:
        """Give `v1a,` and the Ed25519 signature of some bytes."""
        return "v1a," + _text(self.private.sign(content))

    def shown(self) -> str:
        """Give it as the subscriber's side takes it: the public half."""
        public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return PUBLIC_PREFIX + _text(public)


SigningKey = HmacKey | Ed25519Key


def signatures(keys: Iterable[SigningKey], message_id: str, at_seconds: int, body: bytes) -> str:
    """Give the value of `webhook-signature`: one for each key, separated by spaces."""
    content = f"{message_id}.{at_seconds}.".encode() + body
    return " ".join(key.signature(content) for key in keys)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
