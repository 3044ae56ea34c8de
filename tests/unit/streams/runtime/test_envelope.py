"""A state value keeps its version and marks; versions order as the rule asks (design 2.3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.runtime.envelope import (
    Positions,
    pack_version,
    seal,
    seal_positions,
    unpack_version,
    unseal,
    unseal_positions,
    version_of,
)

versions = st.integers(0, 2**63 - 1)
marks = st.dictionaries(st.binary(min_size=1, max_size=60), versions, max_size=5)


@given(versions, st.none() | st.binary(max_size=200), marks)
def test_a_value_comes_back_as_it_was_sealed(
    version: int, payload: bytes | None, heard: dict[bytes, int]
) -> None:
    assert unseal(seal(version, payload, heard)) == (version, payload, heard)


@given(st.binary(max_size=8))
def test_bytes_that_are_too_short_are_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="at least 9 bytes"):
        unseal(raw)


@pytest.mark.parametrize("kind", [0, 3, 7, 8, 255])
def test_an_unknown_form_is_refused(kind: int) -> None:
    with pytest.raises(ValueError, match="unknown form"):
        unseal(bytes([kind]) + bytes(8))


@given(versions, versions)
def test_packed_versions_compare_as_numbers_do(one: int, other: int) -> None:
    assert (pack_version(one) < pack_version(other)) == (one < other)
    assert unpack_version(pack_version(one)) == one


def test_a_version_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="8 bytes"):
        unpack_version(b"1234567")


@given(st.integers(0, 2**15 - 2), st.integers(0, 2**48 - 1), st.integers(0, 2**48 - 1))
def test_a_later_epoch_is_newer_whatever_the_sequence(epoch: int, old: int, new: int) -> None:
    assert version_of(epoch + 1, new) > version_of(epoch, old)


@given(st.dictionaries(st.text(max_size=30), st.integers(0, 2**48), max_size=5))
def test_positions_come_back_as_they_were_sealed(offsets: dict[str, int]) -> None:
    positions = Positions(3, 17, offsets)
    assert unseal_positions(seal_positions(positions)) == positions
