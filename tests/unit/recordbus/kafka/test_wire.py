"""Confluent framing: what frames must unframe, and anything else is `not_framed`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordbus.errors import Rejected
from recordbus.kafka.wire import HEADER_BYTES, MAX_SCHEMA_ID, frame, unframe


@given(st.integers(0, MAX_SCHEMA_ID), st.binary(max_size=100))
def test_what_is_framed_comes_back(schema_id: int, payload: bytes) -> None:
    found, rest = unframe(frame(schema_id, payload))

    assert (found, bytes(rest)) == (schema_id, payload)


def test_the_header_is_a_zero_byte_and_the_id_in_network_order() -> None:
    assert frame(0x01020304, b"x") == b"\x00\x01\x02\x03\x04x"


@pytest.mark.parametrize("value", [None, b"", b"\x00", b"\x00" * (HEADER_BYTES - 1), b"{json}"])
def test_anything_else_is_not_framed(value: bytes | None) -> None:
    with pytest.raises(Rejected) as caught:
        unframe(value)

    assert caught.value.reason == "not_framed"


@given(st.binary(max_size=12))
def test_no_bytes_raise_anything_but_not_framed(value: bytes) -> None:
    if len(value) >= HEADER_BYTES and value[0] == 0:
        assert bytes(unframe(value)[1]) == value[HEADER_BYTES:]
    else:
        with pytest.raises(Rejected, match="not_framed"):
            unframe(value)
