"""What a mask may name: fields that every live version of the schemas has (row 67)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from recordbus.policy import fields
from recordbus.policy.fields import maskable, mistake, paths_of
from schemas.versions import versions

OLD: Mapping[str, Any] = {
    "type": "record", "name": "Record", "namespace": "recordbus.v1", "fields": [
        {"name": "record_key", "type": "string"},
        {"name": "body", "type": ["null", {"type": "record", "name": "Body", "fields": [
            {"name": "people", "type": {"type": "array", "items": {
                "type": "record", "name": "Role", "fields": [
                    {"name": "dob", "type": ["null", "string"]},
                    {"name": "next", "type": ["null", "Role"]},
                ]}}},
            {"name": "narrative", "type": "string"},
            {"name": "role", "type": "Role"},
        ]}]},
    ],
}  # fmt: skip


@pytest.fixture
def two_versions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let an older version that has `dob` for `date_of_birth` still be read."""
    newest = versions("recordbus.v1.Record")
    found = {0: OLD, **newest}
    monkeypatch.setattr(fields, "versions", lambda name: found if name.endswith("Record") else {})
    for cached in (fields.maskable, fields._by_version):
        cached.cache_clear()
    yield
    for cached in (fields.maskable, fields._by_version):
        cached.cache_clear()


def test_67_paths_lead_through_unions_lists_and_named_types() -> None:
    paths = paths_of(OLD, "body")

    assert {"body", "body.people.dob", "body.narrative", "body.role.dob"} <= paths
    assert "record_key" not in paths


def test_67_a_type_that_holds_itself_ends() -> None:
    assert max(path.count(".") for path in paths_of(OLD, "body")) < 12


@pytest.mark.usefixtures("two_versions")
@pytest.mark.parametrize("path", ["body.people.person.date_of_birth", "body.people.dob"])
def test_67_a_field_that_was_renamed_cannot_be_masked_by_one_name(path: str) -> None:
    says = mistake(path)

    assert says is not None
    assert "which is still read" in says
    assert path not in maskable()


@pytest.mark.usefixtures("two_versions")
def test_67_a_field_that_all_versions_have_can() -> None:
    assert mistake("body.narrative") is None
    assert "body.narrative" in maskable()


def test_67_what_is_maskable_today_is_so_in_every_version() -> None:
    assert all(mistake(path) is None for path in maskable())
    assert {"body.narrative", "body.people.person.race", "association.verdicts"} <= maskable()


@pytest.mark.parametrize("path", ["", "body", "record_key", "contact", "contact.phone", "body.x"])
def test_what_names_no_field_of_a_body_is_no_mask(path: str) -> None:
    assert mistake(path) is not None
