"""Signatures of Standard Webhooks, and keys that change without a gap."""

from __future__ import annotations

import base64
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from consumers.feeds.channels.webhook.keys import Keys
from consumers.feeds.channels.webhook.signing import HmacKey, Kind, signatures
from consumers.feeds.receiver.verifying import Forged, Verifier
from recordbus.errors import Misconfigured
from recordbus.testing.clock import EPOCH

AT = int(EPOCH.timestamp())
KINDS: list[Kind] = ["hmac", "ed25519"]


def headers(signature: str, at: int = AT) -> dict[str, str]:
    return {
        "webhook-id": "dlv_1", "webhook-timestamp": str(at), "webhook-signature": signature,
    }  # fmt: skip


def test_a_signature_is_the_one_that_the_standard_gives_as_its_example() -> None:
    key = HmacKey(base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
    found = signatures([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("kind", KINDS)
def test_what_one_side_signs_the_other_side_believes(tmp_path: Path, kind: Kind) -> None:
    made = Keys(tmp_path / "metro-1").make(kind)
    signature = signatures([made.key], "dlv_1", AT, b"{}")
    assert Verifier([made.key.shown()]).check(headers(signature), b"{}", AT) == "dlv_1"
    with pytest.raises(Forged, match="bad_signature"):
        Verifier([made.key.shown()]).check(headers(signature), b"{ }", AT)


def test_both_keys_sign_while_they_overlap_and_then_only_the_new_one(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "metro-1")
    old, new = keys.make("hmac"), keys.make("ed25519")
    keys.end(old.number, EPOCH + timedelta(hours=24))
    for hours, believed in ((23, [old, new]), (25, [new])):
        live = keys.live(EPOCH + timedelta(hours=hours))
        signature = signatures(live, "dlv_1", AT, b"{}")
        assert len(signature.split(" ")) == len(believed)
        for each in (old, new):
            verifier = Verifier([each.key.shown()])
            if each in believed:
                assert verifier.check(headers(signature), b"{}", AT)
            else:
                with pytest.raises(Forged):
                    verifier.check(headers(signature), b"{}", AT)


def test_a_rotation_is_seen_by_who_has_the_keys_open(tmp_path: Path) -> None:
    signing, rotating = Keys(tmp_path / "metro-1"), Keys(tmp_path / "metro-1")
    assert signing.live(EPOCH) == []
    first = rotating.make("hmac")
    assert signing.live(EPOCH) == [first.key]
    second = rotating.make("hmac")
    assert signing.live(EPOCH) == [first.key, second.key]
    rotating.end(first.number, EPOCH)
    assert signing.live(EPOCH) == [second.key]


def test_keys_are_for_their_owner_only_and_are_not_replaced(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "metro-1")
    numbers = [keys.make(kind).number for kind in (*KINDS, *KINDS)]
    assert numbers == [1, 2, 3, 4]
    assert stat.S_IMODE((tmp_path / "metro-1").stat().st_mode) == 0o700
    for path in (tmp_path / "metro-1").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (tmp_path / "metro-1" / "0002.ed25519.pem").chmod(0o644)
    with pytest.raises(Misconfigured, match="readable by others"):
        keys.all()


def test_an_end_never_moves_back_once_it_was_reached(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "metro-1")
    made = keys.make("hmac")
    keys.end(made.number, EPOCH)
    keys.end(made.number, EPOCH + timedelta(days=1))
    assert keys.live(EPOCH + timedelta(hours=1)) == []
    with pytest.raises(Misconfigured, match="no key 9"):
        keys.end(9, EPOCH)


def test_an_end_that_cannot_be_read_is_not_taken_for_none(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "metro-1")
    keys.make("hmac")
    (tmp_path / "metro-1" / "0001.until").write_text("tomorrow")
    with pytest.raises(Misconfigured, match="does not say when"):
        keys.live(EPOCH)
