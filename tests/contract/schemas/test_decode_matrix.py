"""Every version of a schema reads what every other version wrote, as it should be read."""

from __future__ import annotations

from copy import deepcopy
from itertools import product
from typing import Any

import pytest

from schemas import catalog
from schemas.compatibility import check_registration
from schemas.versions import versions
from tests.contract.schemas.chain import chain
from tests.contract.schemas.codecs import apache_decode, fast_decode, fast_encode
from tests.contract.schemas.resolution import as_read, needs_enum_default
from tests.contract.schemas.values import sample, without_names

REPOSITORY = [
    (name, writer, reader)
    for name in catalog.value_schemas()
    for writer, reader in product(versions(name), repeat=2)
]
CHAIN = list(product(range(6), repeat=2))


def check_pair(writer: Any, reader: Any, branches: int = 1) -> None:
    """Assert that both libraries read samples of the writer as the oracle says."""
    for full, branch in product((True, False), range(branches)):
        value = sample(writer, full=full, branch=branch)
        payload = fast_encode(writer, value)
        expected = as_read(value, writer, reader)
        assert fast_decode(payload, writer, reader) == expected
        # Apache Avro's Python reader, up to 1.12, knows no default of an enum.
        if not needs_enum_default(value, writer, reader):
            assert apache_decode(payload, writer, reader) == without_names(expected)


@pytest.mark.parametrize(("name", "writer", "reader"), REPOSITORY)
def test_every_version_of_the_repository_reads_every_other(
    name: str, writer: int, reader: int
) -> None:
    check_pair(versions(name)[writer], versions(name)[reader], branches=14)


@pytest.mark.parametrize(("writer", "reader"), CHAIN)
def test_every_version_of_the_chain_reads_every_other(writer: int, reader: int) -> None:
    check_pair(chain()[writer], chain()[reader])


@pytest.mark.parametrize("number", range(6))
def test_every_version_of_the_chain_may_be_registered(number: int) -> None:
    assert check_registration(chain()[number], chain()[:number]) == ()


def test_the_chain_differs_where_it_should() -> None:
    """The matrix compares different schemas, not six times the same one."""
    values = [sample(schema, full=True) for schema in chain()]
    read = [
        as_read(value, schema, chain()[0]) for value, schema in zip(values, chain(), strict=True)
    ]
    assert len({tuple(value) for value in values}) == 5
    assert read[3]["weight"] is None
    assert as_read({**values[3], "colour": "blue"}, chain()[3], chain()[0])["colour"] == "unknown"


def test_the_matrix_fails_on_a_version_that_cannot_be_read() -> None:
    broken = deepcopy(chain()[0])
    broken["fields"].append({"name": "owner", "type": "string", "doc": "Required and new."})
    with pytest.raises(Exception, match="owner"):
        fast_decode(fast_encode(chain()[0], sample(chain()[0], full=True)), chain()[0], broken)


def test_the_matrix_fails_on_a_value_that_is_read_wrongly() -> None:
    """Two fields of one type, exchanged: every library decodes it without complaint."""
    swapped = deepcopy(chain()[1])
    names = {"weight": "height", "height": "weight"}
    for field in swapped["fields"]:
        field["name"] = names.get(field["name"], field["name"])
    value = sample(chain()[1], full=True)
    wrong = fast_decode(fast_encode(chain()[1], value), swapped, chain()[1])
    assert wrong != as_read(value, chain()[1], chain()[1])
