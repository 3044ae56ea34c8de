"""fastavro, which runs, and Apache Avro, which defines, agree on every schema of a topic."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import catalog
from tests.contract.schemas.codecs import apache_decode, apache_encode, fast_decode, fast_encode
from tests.contract.schemas.values import decoded_values, sample, without_names

BRANCHES = [(name, branch) for name in catalog.value_schemas() for branch in range(14)]


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize(("name", "branch"), BRANCHES)
def test_both_libraries_write_and_read_the_same(name: str, branch: int, full: bool) -> None:
    schema = catalog.avro_schema(name)
    value = sample(schema, full=full, branch=branch)
    payload = fast_encode(schema, value)
    assert apache_encode(schema, value) == payload
    assert fast_decode(payload, schema) == value
    assert apache_decode(payload, schema) == without_names(value)


@pytest.mark.parametrize("name", catalog.value_schemas())
@settings(max_examples=25)
@given(data=st.data())
def test_a_decoded_value_can_be_encoded_again(name: str, data: st.DataObject) -> None:
    schema = catalog.avro_schema(name)
    value: Any = data.draw(decoded_values(schema))
    payload = fast_encode(schema, value)
    assert fast_decode(payload, schema) == value
    assert fast_encode(schema, fast_decode(payload, schema)) == payload
    assert apache_decode(payload, schema) == without_names(value)
