"""Who is calling: a signed token of a few minutes, checked against keys kept in a local file.

Invariants: the algorithm follows from our key and never from the token, so no public key can
serve as a secret; a key is found by its name in our own list, never by address or path; and the
caller learns nothing of why a token was refused - that is counted here.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NoReturn, get_args

from joserfc.jws import JWSRegistry

from recordbus.clock import Clock
from recordbus.metrics import AUTH_FAILURES_TOTAL
from recordbus.web.keyring import Keyring, VerifyingKey
from recordbus.web.problems import Problem
from recordbus.web.strict_json import parse
from schemas.topics import checked_department

Reason = Literal[
    "missing", "malformed", "algorithm", "unknown_key", "signature", "claims",
    "issuer", "audience", "expired", "not_yet", "lifetime",
]  # fmt: skip
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)

_MAX_TOKEN: Final = 4096
_REMEMBERED: Final = 1000
_PART: Final = re.compile(r"[A-Za-z0-9_-]+")
_KEY_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
AGENCY_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_SUBJECT: Final = re.compile(r"[A-Za-z0-9._@:-]{1,100}")
_SCOPES: Final = re.compile(r"[a-z:]{1,40}( [a-z:]{1,40}){0,9}")
_HEADER_FIELDS: Final = frozenset({"alg", "kid", "typ"})
_TYPES: Final = ("JWT", "at+jwt")


class TokenRefused(Exception):
    """A token that does not count; `reason` is for our own numbers only."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a checked token stands for, and what it may do.

    A token binds one department or one agency, as the terms say; the other one is empty.
    """

    subject: str
    department: str
    scopes: frozenset[str]
    token_id: str | None = None
    agency: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a token must say: who made it, for whom, and for how long at most."""

    issuer: str
    audience: str
    max_seconds: int = 900
    leeway_seconds: int = 5
    binds: Literal["department", "agency"] = "department"


class Tokens:
    """Checks tokens against a keyring.

    A signature that was verified is not verified again while its key stays; whom and when a token
    is for is asked each time.
    """

    def __init__(self, keyring: Keyring, terms: Terms, clock: Clock) -> None:
        self._keyring = keyring
        self._terms = terms
        self._clock = clock
        self._verified: dict[str, tuple[VerifyingKey, dict[str, Any]]] = {}

    def caller(self, authorization: str | None) -> Caller:
        """Give who calls, from the header Authorization; raises Problem `unauthenticated`."""
        try:
            return self.checked(_bearer(authorization))
        except TokenRefused as refused:
            AUTH_FAILURES_TOTAL.labels(reason=refused.reason).inc()
            raise Problem("unauthenticated") from None

    def checked(self, token: str) -> Caller:
        """Give who a token stands for; raises TokenRefused."""
        parts = _parts(token)
        key = self._key(_fields(parts[0]))
        known = self._verified.get(token)
        if known is not None and known[0] is key:
            return self._bound(known[1])
        signed = f"{parts[0]}.{parts[1]}".encode()
        if not _verifies(key, signed, _bytes(parts[2])):
            raise TokenRefused("signature")
        claims = _fields(parts[1])
        self._remember(token, key, claims)
        return self._bound(claims)

    def _remember(self, token: str, key: VerifyingKey, claims: dict[str, Any]) -> None:
        if len(self._verified) >= _REMEMBERED:
            self._verified.pop(next(iter(self._verified)))  # the one that has been here longest
        self._verified[token] = key, claims

    def _key(self, header: Mapping[str, Any]) -> VerifyingKey:
        if not header.keys() <= _HEADER_FIELDS or header.get("typ", "JWT") not in _TYPES:
            raise TokenRefused("malformed")
        name = header.get("kid")
        if not isinstance(name, str) or not _KEY_ID.fullmatch(name):
            raise TokenRefused("unknown_key")
        key = self._keyring.named(name)
        if key is None:
            raise TokenRefused("unknown_key")
        if header.get("alg") not in key.algorithms:
            raise TokenRefused("algorithm")
        return key

    def _bound(self, claims: Mapping[str, Any]) -> Caller:
        terms = self._terms
        if claims.get("iss") != terms.issuer:
            raise TokenRefused("issuer")
        if claims.get("aud") not in (terms.audience, [terms.audience]):
            raise TokenRefused("audience")
        self._check_times(claims)
        return _caller(claims, terms.binds)

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now, leeway = self._clock.now().timestamp(), self._terms.leeway_seconds
        issued, expires = _instant(claims, "iat"), _instant(claims, "exp")
        begins = _instant(claims, "nbf") if "nbf" in claims else issued
        if now >= expires + leeway:
            raise TokenRefused("expired")
        if max(begins, issued) > now + leeway:
            raise TokenRefused("not_yet")
        if expires - issued > self._terms.max_seconds or expires <= issued:
            raise TokenRefused("lifetime")


def _bearer(authorization: str | None) -> str:
    if not authorization:
        raise TokenRefused("missing")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise TokenRefused("malformed")
    return token


def _parts(token: str) -> list[str]:
    parts = token.split(".")
    if len(token) > _MAX_TOKEN or len(parts) != 3 or not all(map(_PART.fullmatch, parts)):
        raise TokenRefused("malformed")
    return parts


def _fields(part: str) -> dict[str, Any]:
    try:
        value = parse(_bytes(part))
    except Problem:
        raise TokenRefused("malformed") from None
    if not isinstance(value, dict):
        raise TokenRefused("malformed")
    return value


def _bytes(part: str) -> bytes:
    """Decode base64url in its one spelling: without padding, and with no bits left over."""
    try:
        decoded = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        raise TokenRefused("malformed") from None
    if base64.urlsafe_b64encode(decoded).rstrip(b"=").decode() != part:
        raise TokenRefused("malformed")
    return decoded


def _verifies(key: VerifyingKey, signed: bytes, signature: bytes) -> bool:
    try:
        return JWSRegistry.algorithms[key.method].verify(signed, signature, key.key)
    except ValueError:  # a signature of a length that the algorithm cannot have
        return False


def _instant(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if type(value) is not int or not 0 <= value < 2**40:
        raise TokenRefused("claims")
    return value


def _caller(claims: Mapping[str, Any], binds: str) -> Caller:
    subject, scope, token_id = claims.get("sub"), claims.get("scope"), claims.get("jti")
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        raise TokenRefused("claims")
    if not isinstance(scope, str) or not _SCOPES.fullmatch(scope):
        raise TokenRefused("claims")
    if token_id is not None and not (isinstance(token_id, str) and _SUBJECT.fullmatch(token_id)):
        raise TokenRefused("claims")
    scopes = frozenset(scope.split(" "))
    if binds == "agency":
        return Caller(subject, "", scopes, token_id, _agency(claims))
    return Caller(subject, _department(claims), scopes, token_id)


def _agency(claims: Mapping[str, Any]) -> str:
    """Give the agency of a token, which must not name a department too."""
    name = claims.get("agency")
    if not isinstance(name, str) or not AGENCY_NAME.fullmatch(name) or "department" in claims:
        _refuse_claims()
    return name


def _department(claims: Mapping[str, Any]) -> str:
    name = claims.get("department")
    if not isinstance(name, str):
        _refuse_claims()
    try:
        return checked_department(name)
    except ValueError:
        _refuse_claims()


def _refuse_claims() -> NoReturn:
    raise TokenRefused("claims") from None
