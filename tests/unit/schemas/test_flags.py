"""Flags: each is known, says what it means, and no other can be set."""

from __future__ import annotations

import pytest

from schemas import catalog, flags
from schemas.catalog import CatalogError


@pytest.mark.parametrize("code", catalog.flags())
def test_every_flag_says_what_it_means_and_what_to_do(code: str) -> None:
    found = catalog.flags()[code]
    assert catalog.flag(code) == found.code == code
    assert found.meaning.endswith(".")
    assert found.what_to_do.endswith(".")


def test_an_unknown_flag_is_refused() -> None:
    with pytest.raises(CatalogError, match="no flag looks_odd"):
        catalog.flag("looks_odd")


def test_every_kind_of_identifier_has_its_flag() -> None:
    kinds = catalog.enum_symbols("recordbus.v1.IdentifierType")
    assert [f"placeholder:identifiers.{kind}" for kind in kinds] == [
        code for code in catalog.flags() if code.startswith("placeholder:identifiers.")
    ]


@pytest.mark.parametrize(
    "content",
    [
        {"a": {"x": {"meaning": "M."}}},
        {"a": {"x": {"meaning": "M.", "next": "N.", "more": "?"}}},
        {"a": {"x": {"meaning": "M.", "next": "N."}}, "b": {"x": {"meaning": "M.", "next": "N."}}},
    ],
)
def test_a_malformed_catalogue_is_refused(
    monkeypatch: pytest.MonkeyPatch, content: dict[str, object]
) -> None:
    monkeypatch.setattr(flags, "read_yaml", lambda name: content)
    with pytest.raises(CatalogError, match=r"flags\.yaml: x"):
        flags.flags.__wrapped__()
