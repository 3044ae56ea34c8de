"""Pairs are counted as pairs are, and the interval is Wilson's."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.resolve.agreement import Agreement, Share, agreement

LABELS = st.sampled_from("abc")


@given(st.lists(st.tuples(LABELS, LABELS), max_size=30))
def test_the_counts_are_those_of_all_pairs(records: list[tuple[str, str]]) -> None:
    pairs = [(a[0] == b[0], a[1] == b[1]) for a, b in combinations(records, 2)]

    found = agreement(records)

    assert found == Agreement(
        right=sum(linked and true for linked, true in pairs),
        linked=sum(linked for linked, _ in pairs),
        true=sum(true for _, true in pairs),
        records=len(records),
    )


@given(st.integers(1, 10_000), st.data())
def test_the_interval_holds_the_share_and_stays_a_share(of: int, data: st.DataObject) -> None:
    share = Share(data.draw(st.integers(0, of)), of)
    low, high = share.interval()

    assert 0 <= low <= share.value <= high <= 1
    assert high - low < 2.1 / of**0.5


def test_published_values_of_the_interval() -> None:
    # Newcombe (1998), Statistics in Medicine 17:857-872, table I, method 3.
    for count, of, low, high in [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605),
                                 (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]:  # fmt: skip
        assert Share(count, of).interval() == pytest.approx((low, high), abs=5e-5)


def test_precision_recall_and_f1() -> None:
    found = agreement([("e", "p"), ("e", "p"), ("e", "q"), ("f", "p")])

    assert (found.precision, found.recall) == (Share(1, 3), Share(1, 3))
    assert found.f1 == pytest.approx(1 / 3)
    assert agreement([]).f1 == 1.0
