"""Row 41: forty tokens that must not count, one answer for all of them, and the ones that do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from recordbus import metrics
from recordbus.errors import Misconfigured
from recordbus.testing.clock import ManualClock
from recordbus.testing.ids import SequenceIds
from recordbus.web.issuing import issue, make_key
from recordbus.web.keyring import Keyring, read_keys
from recordbus.web.problems import Problem
from recordbus.web.tokens import REASONS, Terms, TokenRefused, Tokens

TERMS = Terms("recordbus", "recordbus-gateway", 900, 5)
CLOCK = ManualClock()
NOW = int(CLOCK.now().timestamp())
ED = OKPKey.generate_key("Ed25519")
EC = ECKey.generate_key("P-256")
RSA = RSAKey.generate_key(2048)
STRANGER = OKPKey.generate_key("Ed25519")
CLAIMS: dict[str, Any] = {
    "iss": "recordbus", "aud": "recordbus-gateway", "sub": "rms", "department": "test-pd",
    "scope": "records:write", "iat": NOW, "nbf": NOW, "exp": NOW + 900, "jti": "t-1",
}  # fmt: skip


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def text(value: Any) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def made(
    claims: Any = None,
    header: Any = None,
    *,
    key: Any = ED,
    method: str = "Ed25519",
    **changed: Any,
) -> str:
    """Give a signed token: claims and header as they are, or the good ones with changes."""
    said = {**CLAIMS, **changed} if claims is None else claims
    if isinstance(said, dict):
        said = {name: value for name, value in said.items() if value is not ...}
    head = {"alg": method, "kid": "ed"} if header is None else header
    signed = f"{b64(text(head))}.{b64(text(said))}"
    return f"{signed}.{b64(JWSRegistry.algorithms[method].sign(signed.encode(), key))}"


def hs_with(secret: bytes, alg: str = "HS256", kid: str = "rsa") -> str:
    signed = f"{b64(text({'alg': alg, 'kid': kid}))}.{b64(text(CLAIMS))}"
    return f"{signed}.{b64(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def unsigned(alg: str, signature: str = "") -> str:
    return f"{b64(text({'alg': alg, 'kid': 'ed'}))}.{b64(text(CLAIMS))}.{signature}"


def bearer(token: str) -> str:
    return f"Bearer {token}"


def es256_head() -> str:
    return made(header={"alg": "ES256", "kid": "ec"}).rpartition(".")[0]


def changed_after() -> str:
    head, _, signature = made().split(".")
    return f"{head}.{b64(text({**CLAIMS, 'department': 'other-pd'}))}.{signature}"


@pytest.fixture(scope="module")
def keys_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    named: dict[str, Any] = {"ed": ED, "ec": EC, "rsa": RSA}
    entries = [{**key.as_dict(private=False), "kid": kid} for kid, key in named.items()]
    path.write_text(json.dumps({"keys": entries}))
    return path


@pytest.fixture
def tokens(keys_file: Path) -> Tokens:
    return Tokens(Keyring(keys_file), TERMS, CLOCK)


PEM = RSA.as_pem(private=False)

NEGATIVE: list[tuple[str, Callable[[], str | None], str]] = [
    ("no header", lambda: None, "missing"),
    ("empty header", lambda: "", "missing"),
    ("basic", lambda: "Basic cm1zOnJtcw==", "malformed"),
    ("no token", lambda: "Bearer ", "malformed"),
    ("one part", lambda: "Bearer abc", "malformed"),
    ("two parts", lambda: bearer(made().rpartition(".")[0]), "malformed"),
    ("four parts", lambda: bearer(f"{made()}.{b64(b'x')}"), "malformed"),
    ("five parts (encrypted)", lambda: "Bearer a.b.c.d.e", "malformed"),
    ("not base64", lambda: "Bearer a*b.c.d", "malformed"),
    ("padded", lambda: bearer(made() + chr(61)), "malformed"),
    ("two tokens", lambda: bearer(f"{made()} {made()}"), "malformed"),
    ("too long", lambda: bearer(made(sub="x" * 5000)), "malformed"),
    ("header no object", lambda: bearer(made(header=[])), "malformed"),
    (
        "header key twice",
        lambda: bearer(made(header=b'{"alg":"Ed25519","kid":"ed","kid":"ed"}')),
        "malformed",
    ),
    ("alg none", lambda: bearer(unsigned("none")), "malformed"),
    ("alg none, signature", lambda: bearer(unsigned("none", b64(b"x"))), "algorithm"),
    ("alg None", lambda: bearer(unsigned("None", b64(b"x"))), "algorithm"),
    ("alg missing", lambda: bearer(made(header={"kid": "ed"})), "algorithm"),
    ("alg a list", lambda: bearer(made(header={"alg": ["Ed25519"], "kid": "ed"})), "algorithm"),
    ("HS with the public key as PEM", lambda: bearer(hs_with(PEM)), "algorithm"),
    (
        "HS with its raw bytes",
        lambda: bearer(hs_with(ED.public_key.public_bytes_raw(), kid="ed")),
        "algorithm",
    ),
    ("HS said to be RS", lambda: bearer(hs_with(PEM, "RS256")), "signature"),
    (
        "RS with the EC key's name",
        lambda: bearer(made(key=RSA, method="RS256", header={"alg": "RS256", "kid": "ec"})),
        "algorithm",
    ),
    (
        "PS instead of RS",
        lambda: bearer(made(key=RSA, method="PS256", header={"alg": "PS256", "kid": "rsa"})),
        "algorithm",
    ),
    ("kid missing", lambda: bearer(made(header={"alg": "Ed25519"})), "unknown_key"),
    ("kid unknown", lambda: bearer(made(header={"alg": "Ed25519", "kid": "old"})), "unknown_key"),
    (
        "kid a path",
        lambda: bearer(made(header={"alg": "Ed25519", "kid": "../../dev/null"})),
        "unknown_key",
    ),
    (
        "kid an address",
        lambda: bearer(made(header={"alg": "Ed25519", "kid": "https://x.example/k"})),
        "unknown_key",
    ),
    (
        "kid a query",
        lambda: bearer(made(header={"alg": "Ed25519", "kid": "' OR 1=1 --"})),
        "unknown_key",
    ),
    ("kid a number", lambda: bearer(made(header={"alg": "Ed25519", "kid": 7})), "unknown_key"),
    (
        "jku",
        lambda: bearer(made(header={"alg": "Ed25519", "kid": "ed", "jku": "https://x.example"})),
        "malformed",
    ),
    (
        "jwk in the header",
        lambda: bearer(
            made(
                key=STRANGER,
                header={"alg": "Ed25519", "kid": "ed", "jwk": STRANGER.as_dict(private=False)},
            )
        ),
        "malformed",
    ),
    (
        "crit",
        lambda: bearer(made(header={"alg": "Ed25519", "kid": "ed", "crit": ["exp"]})),
        "malformed",
    ),
    (
        "typ of another kind",
        lambda: bearer(made(header={"alg": "Ed25519", "kid": "ed", "typ": "dpop+jwt"})),
        "malformed",
    ),
    ("a stranger's signature", lambda: bearer(made(key=STRANGER)), "signature"),
    ("changed after signing", lambda: bearer(changed_after()), "signature"),
    (
        "short signature",
        lambda: bearer(f"{made().rpartition(chr(46))[0]}.{b64(b'x')}"),
        "signature",
    ),
    ("EC signature all zero", lambda: bearer(f"{es256_head()}.{b64(bytes(64))}"), "signature"),
    ("wrong issuer", lambda: bearer(made(iss="evil")), "issuer"),
    ("no issuer", lambda: bearer(made(iss=...)), "issuer"),
    ("wrong audience", lambda: bearer(made(aud="search")), "audience"),
    ("one of two audiences", lambda: bearer(made(aud=["recordbus-gateway", "x"])), "audience"),
    ("expired", lambda: bearer(made(iat=NOW - 900, nbf=NOW - 900, exp=NOW - 6)), "expired"),
    ("no exp", lambda: bearer(made(exp=...)), "claims"),
    ("exp a text", lambda: bearer(made(exp=str(NOW + 60))), "claims"),
    ("exp true", lambda: bearer(made(exp=True)), "claims"),
    ("exp 1e300", lambda: bearer(made(exp=1e300)), "claims"),
    ("no iat", lambda: bearer(made(iat=...)), "claims"),
    ("nbf in the future", lambda: bearer(made(nbf=NOW + 60)), "not_yet"),
    ("iat in the future", lambda: bearer(made(iat=NOW + 60, nbf=NOW)), "not_yet"),
    ("counts too long", lambda: bearer(made(exp=NOW + 901)), "lifetime"),
    ("ends before it begins", lambda: bearer(made(iat=NOW + 4, nbf=NOW, exp=NOW + 3)), "lifetime"),
    ("no department", lambda: bearer(made(department=...)), "claims"),
    ("two departments", lambda: bearer(made(department=["test-pd", "other-pd"])), "claims"),
    ("department a prefix", lambda: bearer(made(department="test-pd.v1")), "claims"),
    ("department reserved", lambda: bearer(made(department="judgements")), "claims"),
    ("no subject", lambda: bearer(made(sub=...)), "claims"),
    ("subject with a line feed", lambda: bearer(made(sub="a\nb")), "claims"),
    ("scope a list", lambda: bearer(made(scope=["records:write"])), "claims"),
    ("claims no object", lambda: bearer(made(claims=[])), "malformed"),
    (
        "claim twice",
        lambda: bearer(made(claims=text(CLAIMS)[:-1] + b', "department": "other-pd"}')),
        "malformed",
    ),
]


@pytest.mark.parametrize(("name", "header", "reason"), NEGATIVE, ids=[n[0] for n in NEGATIVE])
def test_row_41_a_token_that_does_not_count(
    tokens: Tokens, name: str, header: Callable[[], str | None], reason: str
) -> None:
    counted = metrics.sample("recordbus_auth_failures_total", reason=reason) or 0

    with pytest.raises(Problem) as refused:
        tokens.caller(header())

    assert refused.value.body() == Problem("unauthenticated").body()
    assert metrics.sample("recordbus_auth_failures_total", reason=reason) == counted + 1


def test_row_41_has_its_forty_cases_and_every_reason_occurs() -> None:
    assert len(NEGATIVE) >= 40
    assert {reason for _, _, reason in NEGATIVE} == set(REASONS)


@pytest.mark.parametrize(
    ("key", "method", "header"),
    [
        (ED, "Ed25519", {"alg": "Ed25519", "kid": "ed"}),
        (ED, "Ed25519", {"alg": "EdDSA", "kid": "ed", "typ": "JWT"}),
        (EC, "ES256", {"alg": "ES256", "kid": "ec", "typ": "at+jwt"}),
        (RSA, "RS256", {"alg": "RS256", "kid": "rsa"}),
    ],
)
def test_a_token_of_each_algorithm_counts(
    tokens: Tokens, key: Any, method: str, header: dict[str, str]
) -> None:
    found = tokens.caller(f"Bearer {made(key=key, method=method, header=header)}")

    assert (found.department, found.subject) == ("test-pd", "rms")
    assert found.scopes == {"records:write"}


def test_clocks_may_be_a_little_apart(tokens: Tokens) -> None:
    assert tokens.checked(made(iat=NOW + 5, nbf=NOW + 5)).subject == "rms"
    assert tokens.checked(made(iat=NOW - 900, nbf=NOW - 900, exp=NOW - 4)).subject == "rms"
    assert tokens.checked(made(nbf=...)).subject == "rms"


def test_a_token_made_here_counts_until_it_ends(tmp_path: Path) -> None:
    clock, keys = ManualClock(), tmp_path / "tokens" / "keys.json"
    name = make_key(keys)
    tokens = Tokens(Keyring(keys), TERMS, clock)
    token = issue(
        keys, TERMS, clock, SequenceIds(),
        department="test-pd", subject="rms", scopes=["records:write"], seconds=60,
    )  # fmt: skip

    assert tokens.checked(token).department == "test-pd"
    clock.advance(64)
    assert tokens.checked(token).subject == "rms"
    clock.advance(1)
    with pytest.raises(TokenRefused, match="expired"):
        tokens.checked(token)
    assert (keys.parent / f"{name}.private.json").stat().st_mode & 0o077 == 0


def test_a_new_key_counts_at_once_and_the_old_one_until_it_is_taken_out(tmp_path: Path) -> None:
    clock, keys = ManualClock(), tmp_path / "keys.json"
    terms = {"department": "test-pd", "subject": "rms", "scopes": ["x"], "seconds": 900}
    make_key(keys)
    ring = Keyring(keys)
    tokens = Tokens(ring, TERMS, clock)
    old = issue(keys, TERMS, clock, SequenceIds(), **terms)  # type: ignore[arg-type]
    second = make_key(keys)
    new = issue(keys, TERMS, clock, SequenceIds(), **terms)  # type: ignore[arg-type]

    assert tokens.checked(old).subject == "rms"
    assert tokens.checked(new).subject == "rms"
    kept = [each for each in json.loads(keys.read_text())["keys"] if each["kid"] == second]
    replacement = keys.with_suffix(".new")
    replacement.write_text(json.dumps({"keys": kept}))
    replacement.replace(keys)
    with pytest.raises(TokenRefused, match="unknown_key"):
        tokens.checked(old)
    assert tokens.checked(new).subject == "rms"


def test_a_signature_is_verified_once_and_all_else_each_time(
    keys_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = ManualClock()
    tokens, token = Tokens(Keyring(keys_file), TERMS, clock), made()
    assert tokens.checked(token).subject == "rms"
    monkeypatch.setattr("recordbus.web.tokens._verifies", lambda *_: False)

    assert tokens.checked(token).subject == "rms"
    with pytest.raises(TokenRefused, match="signature"):
        tokens.checked(token[:-8] + "AAAAAAAA")
    clock.advance(906)
    with pytest.raises(TokenRefused, match="expired"):
        tokens.checked(token)


def test_a_key_of_the_same_name_that_is_another_one_does_not_inherit(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"keys": [{**ED.as_dict(private=False), "kid": "ed"}]}))
    tokens, token = Tokens(Keyring(keys), TERMS, CLOCK), made()
    assert tokens.checked(token).subject == "rms"

    other = {**STRANGER.as_dict(private=False), "kid": "ed"}
    keys.with_suffix(".new").write_text(json.dumps({"keys": [other]}))
    keys.with_suffix(".new").replace(keys)

    with pytest.raises(TokenRefused, match="signature"):
        tokens.checked(token)


def test_what_is_remembered_is_bounded(keys_file: Path) -> None:
    tokens = Tokens(Keyring(keys_file), TERMS, CLOCK)
    for number in range(1010):
        tokens.checked(made(jti=f"t-{number}"))

    assert len(tokens._verified) == 1000


def test_a_broken_new_file_changes_nothing(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    name = make_key(keys)
    ring = Keyring(keys)

    keys.with_suffix(".new").write_text("{")
    keys.with_suffix(".new").replace(keys)

    assert ring.named(name) is not None


def test_a_token_longer_than_the_terms_is_not_made(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    with pytest.raises(Misconfigured, match="901"):
        issue(
            keys, TERMS, CLOCK, SequenceIds(), department="a", subject="b", scopes=[], seconds=901
        )


def test_a_private_key_that_others_may_read_does_not_sign(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    name = make_key(keys)
    (tmp_path / f"{name}.private.json").chmod(0o644)

    with pytest.raises(Misconfigured, match="readable by others"):
        issue(keys, TERMS, CLOCK, SequenceIds(), department="a", subject="b", scopes=[], seconds=9)


SMALL_RSA = {"kty": "RSA", "kid": "a", "n": b64(b"\xff" * 128), "e": "AQAB"}


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({**ED.as_dict(private=True), "kid": "a"}, "private"),
        ({"kty": "oct", "k": b64(os.urandom(32)), "kid": "a"}, "private"),
        ({**ED.as_dict(private=False)}, "kid"),
        ({**ED.as_dict(private=False), "kid": "../a"}, "kid"),
        ({**ED.as_dict(private=False), "kid": "a", "use": "enc"}, "not for signatures"),
        ({**ED.as_dict(private=False), "kid": "a", "alg": "RS256"}, "only Ed25519"),
        ({"kty": "OKP", "crv": "X25519", "x": b64(bytes(32)), "kid": "a"}, "only Ed25519"),
        (SMALL_RSA, "only Ed25519"),
        ({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "a"}, "cannot be used"),
        ("text", "kid"),
    ],
)
def test_a_keyring_holds_sound_public_keys_only(tmp_path: Path, entry: Any, why: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": [entry]}))

    with pytest.raises(Misconfigured, match=why):
        read_keys(path)


def test_a_missing_keyring_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as refused:
        Keyring(tmp_path / "keys.json")

    assert refused.value.hint is not None
    assert "recordbus token key" in refused.value.hint
