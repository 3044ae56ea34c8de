"""The history says what was published; its newest version is what the code says today."""

from __future__ import annotations

import pytest

from schemas import catalog
from schemas.compatibility import check_registration
from schemas.versions import frozen_text, versions


@pytest.mark.parametrize("name", catalog.value_schemas())
def test_the_newest_version_is_todays(name: str) -> None:
    known = versions(name)
    assert known, f"{name} has no version: python -m tests.contract.schemas.freeze 1"
    newest = max(known)
    assert known[newest] == catalog.avro_schema(name), (
        f"{name} differs from history/{newest}: keep it, or write the next version with "
        f"python -m tests.contract.schemas.freeze {newest + 1}"
    )
    assert frozen_text(name)


@pytest.mark.parametrize("name", catalog.value_schemas())
def test_every_version_may_follow_the_earlier_ones(name: str) -> None:
    known = list(versions(name).values())
    for number, schema in enumerate(known):
        assert check_registration(schema, known[:number]) == ()


@pytest.mark.parametrize("name", catalog.full_names())
def test_every_type_alone_keeps_the_rules(name: str) -> None:
    assert check_registration(catalog.avro_schema(name), []) == ()
