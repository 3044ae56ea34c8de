"""Makes keys and short tokens on this machine, where no identity provider does.

Invariant: a private key is a file that only its owner may read, and its public half is in the
keyring before the first token is signed with it.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from joserfc.jwk import OKPKey
from joserfc.jws import JWSRegistry

from recordbus.canonical import canonical_json
from recordbus.clock import Clock
from recordbus.errors import Misconfigured
from recordbus.ids import IdSource
from recordbus.web.keyring import read_keys
from recordbus.web.tokens import Terms

_PRIVATE_MODE: Final = 0o600


def make_key(keys_file: Path) -> str:
    """Make a signing key beside the keyring, add its public half, and give its name.

    Keys that are in the keyring stay in it, so tokens signed with them count until they end.
    """
    key = OKPKey.generate_key("Ed25519")
    name = key.thumbprint()[:16]
    entries = _entries(keys_file)
    public = {**key.as_dict(private=False), "kid": name, "use": "sig", "alg": "Ed25519"}
    _write(_private_path(keys_file, name), key.as_dict(private=True), _PRIVATE_MODE)
    _write(keys_file, {"keys": [*entries, public]}, 0o644)
    return name


def newest_key(keys_file: Path) -> str:
    """Give the name of the key added last that can sign here; raises Misconfigured for none."""
    for entry in reversed(_entries(keys_file)):
        if _private_path(keys_file, entry["kid"]).is_file():
            return str(entry["kid"])
    raise Misconfigured(
        f"no key of {keys_file} can sign on this machine", hint="make one: recordbus token key"
    )


def issue(
    keys_file: Path,
    terms: Terms,
    clock: Clock,
    ids: IdSource,
    *,
    subject: str,
    scopes: Iterable[str],
    seconds: int,
    department: str = "",
    agency: str = "",
) -> str:
    """Give a token for one department or one agency, signed with the newest key.

    It counts for `seconds`.

    Raises Misconfigured for more seconds than the terms allow, or when no key can sign.
    """
    if not 0 < seconds <= terms.max_seconds:
        raise Misconfigured(
            f"a token may count for 1 to {terms.max_seconds} seconds, not {seconds}",
            hint="ask for a shorter one; RECORDBUS_TOKENS__MAX_SECONDS is the limit",
        )
    now = int(clock.now().timestamp())
    claims = {
        "iss": terms.issuer,
        "aud": terms.audience,
        "sub": subject,
        **({"agency": agency} if agency else {"department": department}),
        "scope": " ".join(scopes),
        "iat": now,
        "nbf": now,
        "exp": now + seconds,
        "jti": ids.next(),
    }
    name = newest_key(keys_file)
    return sign(claims, _private_key(keys_file, name), {"alg": "Ed25519", "kid": name})


def sign(claims: dict[str, Any], key: OKPKey, header: dict[str, str]) -> str:
    """Give a compact token over claims."""
    signed = f"{_encoded(canonical_json(header))}.{_encoded(canonical_json(claims))}"
    signature = JWSRegistry.algorithms["Ed25519"].sign(signed.encode(), key)
    return f"{signed}.{_encoded(signature)}"


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def _entries(keys_file: Path) -> list[dict[str, Any]]:
    if not keys_file.exists():
        return []
    read_keys(keys_file)  # a keyring that is not sound is not added to
    found: list[dict[str, Any]] = json.loads(keys_file.read_text(encoding="utf-8"))["keys"]
    return found


def _private_path(keys_file: Path, name: str) -> Path:
    return keys_file.parent / f"{name}.private.json"


def _private_key(keys_file: Path, name: str) -> OKPKey:
    path = _private_path(keys_file, name)
    if path.stat().st_mode & 0o077:
        raise Misconfigured(
            f"the signing key {path} is readable by others", hint=f"run: chmod 600 {path}"
        )
    return OKPKey.import_key(json.loads(path.read_text(encoding="utf-8")))


def _write(path: Path, content: object, mode: int) -> None:
    """Write a file in one step, so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(canonical_json(content) + b"\n")
        file.flush()
        os.fsync(descriptor)
    partial.replace(path)
