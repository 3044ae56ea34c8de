"""Only what the bus signed, as it was, within five minutes, is believed."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from consumers.feeds.channels.webhook.signing import Ed25519Key, HmacKey, SigningKey, signatures
from consumers.feeds.receiver.verifying import Forged, Verifier
from tests.unit.consumers.feeds.receiver.made import KEY, NOW, body, message_id, signed

PRIVATE = Ed25519Key(Ed25519PrivateKey.from_private_bytes(b"p" * 32))
KEYS: list[SigningKey] = [KEY, PRIVATE]


def verifier(*keys: SigningKey) -> Verifier:
    return Verifier(key.shown() for key in keys or KEYS)


@pytest.mark.parametrize("key", KEYS, ids=["hmac", "ed25519"])
def test_what_was_signed_is_believed(key: SigningKey) -> None:
    assert verifier().check(signed(body(), key), body(), NOW) == message_id()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(300, None), (-300, None), (301, "too_old"), (-301, "from_the_future"), (9e9, "too_old")],
)
def test_a_message_is_worth_nothing_five_minutes_later(seconds: float, code: str | None) -> None:
    if code is None:
        assert verifier().check(signed(body()), body(), NOW + seconds)
        return
    with pytest.raises(Forged, match=code):
        verifier().check(signed(body()), body(), NOW + seconds)


@given(st.sampled_from(KEYS), st.data())
def test_whatever_is_another_in_it_makes_it_another_message(
    key: SigningKey, data: st.DataObject
) -> None:
    headers, content = signed(body(), key), body()
    what = data.draw(st.sampled_from(["body", "webhook-id", "webhook-timestamp"]))
    if what == "body":
        place = data.draw(st.integers(0, len(content) - 1))
        byte = data.draw(st.integers(0, 255).filter(lambda each: each != content[place]))
        content = content[:place] + bytes([byte]) + content[place + 1 :]
    elif what == "webhook-id":
        headers[what] = data.draw(st.text(max_size=80).filter(lambda text: text != headers[what]))
    else:
        headers[what] = str(NOW + data.draw(st.integers(-300, 300).filter(bool)))
    with pytest.raises(Forged):
        verifier().check(headers, content, NOW)


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_message_without_all_three_is_none(missing: str) -> None:
    headers = signed(body())
    del headers[missing]
    with pytest.raises(Forged):
        verifier().check(headers, body(), NOW)


@pytest.mark.parametrize("timestamp", ["", "soon", "-1", "1.5", "٣", "9" * 50, " 1767225600"])
def test_a_time_that_is_none_is_not_read_as_one(timestamp: str) -> None:
    with pytest.raises(Forged, match="no_headers"):
        verifier().check(signed(body()) | {"webhook-timestamp": timestamp}, body(), NOW)


@pytest.mark.parametrize(
    "signature",
    ["", "v1", "v1,", "v1,!!!", "v2,abcd", "v1a,abcd", "v1," + "A" * 44, "," * 50, "v1,\u00e9"],
)
def test_a_signature_that_is_none_is_not_one(signature: str) -> None:
    with pytest.raises(Forged, match="bad_signature"):
        verifier().check(signed(body()) | {"webhook-signature": signature}, body(), NOW)


def test_one_signature_that_holds_is_enough_and_of_another_kind_it_is_none() -> None:
    found = signatures([HmacKey(b"o" * 32), PRIVATE], message_id(), NOW, body())
    headers = signed(body()) | {"webhook-signature": found}
    assert verifier(PRIVATE).check(headers, body(), NOW)
    with pytest.raises(Forged):
        verifier(KEY).check(headers, body(), NOW)
    swapped = {"webhook-signature": found.replace("v1a,", "v1,")}
    with pytest.raises(Forged):
        verifier(PRIVATE).check(headers | swapped, body(), NOW)


@pytest.mark.parametrize(
    "key",
    ["", "secret", "whsec_", "whsec_c2hvcnQ=", "whpk_c2hvcnQ=", "whpk_!", "whsk_" + "A" * 44,
     "whsec_" + base64.b64encode(b"s" * 23).decode()],
)  # fmt: skip
def test_a_key_that_is_none_is_not_repeated_in_the_error(key: str) -> None:
    with pytest.raises(ValueError, match=r"key|secret") as raised:
        Verifier([key])
    assert len(key) < 10 or key not in str(raised.value)


def test_without_a_key_nothing_is_believed() -> None:
    with pytest.raises(ValueError, match="without a key"):
        Verifier([])


def test_the_code_that_agencies_are_shown_checks_as_this_does() -> None:
    page = Path(__file__).parents[5] / "docs" / "how-to" / "receive-a-webhook.md"
    (code,) = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    check, key = names["is_from_the_bus"], PRIVATE.shown()
    headers = signed(body(), PRIVATE)
    both = signatures([KEY, PRIVATE], message_id(), NOW, body())
    assert check(headers, body(), key, NOW)
    assert check(headers | {"webhook-signature": both}, body(), key, NOW)
    assert not check(headers, body(2), key, NOW)
    assert not check(headers | {"webhook-id": "dlv_2"}, body(), key, NOW)
    assert not check(headers, body(), key, NOW + 301)
    assert not check(signed(body()), body(), key, NOW)
