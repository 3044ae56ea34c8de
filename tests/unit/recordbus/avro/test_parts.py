"""Numbers are written as their shortest form, the first time and again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordbus.avro.parts import int_bytes, micros, zigzag
from recordbus.avro.reader import EPOCH, PlainReader, read_varint
from recordbus.avro.tree import build
from recordbus.avro.walker import walk

LONG = build("long")
EDGES = st.sampled_from(
    [s * (1 << bits) + d for s in (1, -1) for bits in range(63) for d in (-1, 0)]
)


@given(numbers=st.lists(st.integers(-(1 << 63), (1 << 63) - 1) | EDGES, max_size=5))
def test_any_long_is_what_the_walker_reads(numbers: list[int]) -> None:
    for number in [*numbers, *numbers]:
        written = zigzag(number)
        assert walk(LONG, written) == number
        assert read_varint(written, 0)[1] == len(written)


def test_more_numbers_than_are_kept_are_written_right() -> None:
    numbers = range(1 << 50, (1 << 50) + 1000)
    assert [walk(LONG, zigzag(number)) for number in numbers] == list(numbers)


@given(number=st.integers(-(1 << 31), (1 << 31) - 1))
def test_an_int_is_written_as_a_long_is(number: int) -> None:
    assert int_bytes(number) == zigzag(number)


@pytest.mark.parametrize("number", [1 << 63, -(1 << 63) - 1, 1 << 70])
def test_what_does_not_fit_64_bits_is_refused(number: int) -> None:
    with pytest.raises(OverflowError):
        zigzag(number)


@given(passed=st.integers(-(10**14), 10**15))
def test_an_instant_is_written_as_its_microseconds(passed: int) -> None:
    instant: datetime = EPOCH + timedelta(microseconds=passed)
    assert instant.tzinfo is UTC
    assert micros(instant) == micros(passed) == zigzag(passed)


WITHIN = 1_000_000 << 33
ANY_DATE = st.integers(-(10**16), 2 * 10**17)


@given(passed=ANY_DATE | st.integers(-WITHIN - 9, WITHIN + 9) | st.integers(WITHIN - 99, WITHIN))
def test_an_instant_is_read_to_its_microsecond(passed: int) -> None:
    reader = PlainReader(build({"type": "long", "logicalType": "timestamp-micros"}))
    assert reader.read(zigzag(passed)) == (EPOCH + timedelta(microseconds=passed), -1)
