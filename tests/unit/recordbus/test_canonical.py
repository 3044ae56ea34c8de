"""Canonical JSON: equal values have equal bytes, whatever order they were made in."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from recordbus.canonical import canonical_json

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(plain)
def test_a_value_comes_back_from_its_canonical_json(value: Any) -> None:
    assert json.loads(canonical_json(value)) == value


@given(st.dictionaries(st.text(), plain, max_size=6))
def test_the_order_of_keys_does_not_matter(value: dict[str, Any]) -> None:
    other_way = dict(reversed(value.items()))

    assert canonical_json(value) == canonical_json(other_way)
