"""Keyed digests are those of the standard library, whatever the secret's length."""

from __future__ import annotations

import hmac

from hypothesis import given
from hypothesis import strategies as st

from recordbus.keyed import keyed_hash


@given(secret=st.binary(min_size=1, max_size=200), texts=st.lists(st.binary(), max_size=3))
def test_a_digest_is_the_hmac_of_the_standard(secret: bytes, texts: list[bytes]) -> None:
    """One text leaves nothing behind for the next."""
    digest = keyed_hash(secret)
    for text in texts:
        assert digest(text) == hmac.digest(secret, text, "sha256")
