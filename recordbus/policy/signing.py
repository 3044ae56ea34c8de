"""Who signed an agreement, and whether that is enough: Ed25519 over the file's exact bytes.

Invariant: a signature counts for one person and one key, for owners that person may speak for;
a file with any signature that does not hold is refused, however many others do.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, ValidationError

from recordbus.errors import Misconfigured
from recordbus.policy.model import Name, Words
from recordbus.secret_files import SECRET_BYTES, read_secret
from recordbus.strict_yaml import StrictYamlError, plain, read_strictly

SUFFIX = ".sig"
MAXIMUM_BYTES = 64 * 1024
_PURPOSE = b"recordbus agreement 1\n"
"""Signed before the file's bytes, so that no signature made for something else fits."""


class Reason(StrEnum):
    """Why an agreement file is refused."""

    UNREADABLE = "unreadable"
    INVALID = "invalid"
    OTHER_NAME = "other_name"
    UNKNOWN_PARTY = "unknown_party"
    UNSIGNED = "unsigned"
    UNKNOWN_SIGNER = "unknown_signer"
    BAD_SIGNATURE = "bad_signature"
    NOT_FOR_OWNER = "not_for_owner"
    TOO_FEW_SIGNERS = "too_few_signers"
    NO_APPROVER = "no_approver"
    OLDER_VERSION = "older_version"
    CHANGED_WITHOUT_VERSION = "changed_without_version"
    MISSING = "missing"
    NOT_KEPT = "not_kept"


class FileRefused(Exception):
    """An agreement file that is not taken; `reason` is a code, the text says what to do."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class Signer(BaseModel):
    """Somebody who may sign; without `owners` for every department."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    role: Literal["author", "approver"]
    public_key: str
    owners: Words[Name] | None = None

    def key(self) -> Ed25519PublicKey:
        """Give the public key; ValueError when it is none."""
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(self.public_key, validate=True))

    def may_sign_for(self, owners: Iterable[str]) -> bool:
        """Say whether this person speaks for all of these departments."""
        return self.owners is None or set(owners) <= set(self.owners)


class _KeyringFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    signers: tuple[Signer, ...]


class Keyring:
    """Those who may sign, by name; no two of them share a key."""

    def __init__(self, signers: Iterable[Signer]) -> None:
        """Take the signers; ValueError when a name or a key comes twice, or a key is none."""
        self._signers: dict[str, Signer] = {}
        keys: set[bytes] = set()
        for signer in signers:
            key = signer.key().public_bytes_raw()
            if signer.name in self._signers or key in keys:
                raise ValueError(f"the name or the key of {signer.name} is there twice")
            keys.add(key)
            self._signers[signer.name] = signer

    def __iter__(self) -> Iterator[Signer]:
        return iter(self._signers.values())

    def named(self, name: str) -> Signer | None:
        """Give the signer of that name."""
        return self._signers.get(name)


def read_keyring(path: Path) -> Keyring:
    """Read a keyring file; raises Misconfigured. Without one nobody may sign."""
    if not path.exists():
        return Keyring(())
    try:
        root = read_strictly(path.read_text(encoding="utf-8"), starts_with="signers")
        return Keyring(_KeyringFile.model_validate(plain(root)).signers)
    except StrictYamlError as error:
        said = f"{error.line}:{error.column}: {error.message}"
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        said = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    except (OSError, ValueError) as error:
        said = f"{type(error).__name__}: {error}"
    raise Misconfigured(
        f"the keyring {path} cannot be used: {said}",
        hint="it begins with `signers:`; each has name, role (author, approver) and public_key, "
        "which `recordbus policy keys make` prints",
    )


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """Read a signing key from its own file; raises Misconfigured."""
    secret = read_secret(path)
    if len(secret) != SECRET_BYTES:
        raise Misconfigured(
            f"the key in {path} is {len(secret)} bytes long", hint="make one: policy keys make"
        )
    return Ed25519PrivateKey.from_private_bytes(secret)


def public_text(key: Ed25519PrivateKey) -> str:
    """Give the public part of a key as a keyring has it."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def signed(content: bytes, before: bytes | None, name: str, key: Ed25519PrivateKey) -> bytes:
    """Give a signature file with one more signature; one of the same person is replaced.

    Signatures that `before` has are kept as they are; raises FileRefused when it cannot be read.
    """
    known = dict(_signatures(before)) if before is not None else {}
    known[name] = base64.b64encode(key.sign(_PURPOSE + content)).decode()
    listed = [{"signer": signer, "signature": known[signer]} for signer in sorted(known)]
    return (json.dumps({"signatures": listed}, indent=1) + "\n").encode()


def verified_signers(content: bytes, signatures: bytes, keyring: Keyring) -> tuple[Signer, ...]:
    """Give who signed these very bytes; raises FileRefused when any signature does not hold."""
    found = []
    for name, signature in _signatures(signatures).items():
        signer = keyring.named(name)
        if signer is None:
            raise FileRefused(Reason.UNKNOWN_SIGNER, f"{name} is not in the keyring")
        try:
            raw = base64.b64decode(signature, validate=True)
            signer.key().verify(raw, _PURPOSE + content)
        except (InvalidSignature, binascii.Error):
            says = f"the signature of {name} is not one of these bytes; sign the file again"
            raise FileRefused(Reason.BAD_SIGNATURE, says) from None
        found.append(signer)
    return tuple(found)


def check_enough(signers: tuple[Signer, ...], owners: Iterable[str], required: int) -> None:
    """Refuse an agreement that too few have signed, or one who may not (two-person rule)."""
    strangers = [signer.name for signer in signers if not signer.may_sign_for(owners)]
    if strangers:
        says = f"{', '.join(strangers)} may not sign for {', '.join(owners)}"
        raise FileRefused(Reason.NOT_FOR_OWNER, says)
    if len(signers) < required:
        says = f"{len(signers)} signed it, {required} different people must"
        raise FileRefused(Reason.TOO_FEW_SIGNERS, says)
    if not any(signer.role == "approver" for signer in signers):
        raise FileRefused(Reason.NO_APPROVER, "no approver is among those who signed it")


def _signatures(content: bytes) -> Mapping[str, str]:
    try:
        if len(content) > MAXIMUM_BYTES:
            raise ValueError("too long")
        listed = json.loads(content)["signatures"]
        found = {str(each["signer"]): str(each["signature"]) for each in listed}
        if len(found) != len(listed):
            raise ValueError("somebody signed twice")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        says = f"its signature file cannot be read: {type(error).__name__}"
        raise FileRefused(Reason.BAD_SIGNATURE, says) from None
    return found
