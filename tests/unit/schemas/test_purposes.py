"""The closed list of purposes in its parts (R-29)."""

from __future__ import annotations

import pytest

from schemas import purposes as module
from schemas.catalog import CatalogError, code_list, purposes


def test_every_purpose_is_in_one_part() -> None:
    parts = purposes()

    assert parts.ordinary | parts.side_doors | parts.never == set(code_list("purpose").codes)
    assert len(parts.ordinary) + len(parts.side_doors) + len(parts.never) == len(
        code_list("purpose").codes
    )


def test_r29_what_an_owner_must_open_by_name() -> None:
    assert purposes().side_doors == {
        "immigration_enforcement", "employment", "housing", "public_release",
    }  # fmt: skip


def test_r42_an_auditor_has_no_purpose_to_search_for() -> None:
    assert "audit" not in purposes().of_agreements


@pytest.mark.parametrize(
    "data",
    [
        {"side_doors": ["gossip"], "never": []},
        {"side_doors": ["employment"], "never": ["employment"]},
    ],
)
def test_a_part_that_fits_no_list_is_an_error(
    data: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "read_yaml", lambda path: data)

    with pytest.raises(CatalogError, match="purpose"):
        module.purposes.__wrapped__()
