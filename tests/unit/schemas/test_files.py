"""Data files hold what they seem to hold: no word turns into a truth, no key counts twice."""

from __future__ import annotations

import pytest
import yaml

from schemas import files
from schemas.errors import CatalogError


@pytest.fixture
def content(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give a list whose last item is what any data file holds."""
    held = [""]
    monkeypatch.setattr(files, "read_text", lambda path: held[-1])
    return held


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ON", "ON"),  # Ontario, not true
        ("NO", "NO"),
        ("yes", "yes"),
        ("12:30:45", "12:30:45"),
        ("0777", "0777"),
        ("1_000", "1_000"),
        ("2024-01-02", "2024-01-02"),
        ("1e3", "1e3"),
        (".inf", ".inf"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("0.25", 0.25),
        ("'12'", "12"),
    ],
)
def test_only_plain_scalars_are_more_than_text(
    content: list[str], text: str, value: object
) -> None:
    content.append(f"key: {text}")
    read = files.read_yaml("some.yaml")["key"]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{a: 1, a: 2}", "'a' comes twice"),
        ("a: {b: 1, b: 2}", "'b' comes twice"),
        ("a: &x [1]", "anchors, aliases and tags"),
        ("a: [*x]", "anchors, aliases and tags"),
        ("a: !!python/object:os.system x", "anchors, aliases and tags"),
        ("a: !text x", "anchors, aliases and tags"),
        ("a: [1", "some.yaml"),
        ("a: 1\n---\na: 2", "some.yaml"),
    ],
)
def test_what_a_reader_could_take_otherwise_is_refused(
    content: list[str], text: str, fault: str
) -> None:
    content.append(text)
    with pytest.raises(CatalogError, match=fault) as refused:
        files.read_yaml("some.yaml")
    assert "schemas/some.yaml" in str(refused.value)


def test_the_shared_loader_is_left_alone() -> None:
    assert yaml.safe_load("a: ON") == {"a": True}


def test_an_absent_file_is_named() -> None:
    with pytest.raises(CatalogError, match=r"schemas/nowhere\.yaml does not exist"):
        files.read_text("nowhere.yaml")
