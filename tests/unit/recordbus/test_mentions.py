"""Which mention is meant: written in full it needs nobody, else whoever is installed says."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import Any

import pytest

from recordbus import mentions
from recordbus.errors import Misconfigured
from recordbus.mentions import FoundMention, found
from recordbus.settings import Settings

FULL = f"{'a' * 64}.p1"


def in_index(_settings: Settings, start: str) -> FoundMention:
    """Know one mention, by anything it begins with."""
    assert FULL.startswith(start.partition(".")[0])
    return FoundMention(FULL, 12)


@pytest.fixture
def finders(monkeypatch: pytest.MonkeyPatch) -> list[EntryPoint]:
    installed: list[EntryPoint] = []
    monkeypatch.setattr(mentions, "entry_points", lambda **_: installed)
    return installed


def point() -> Any:
    return EntryPoint("index", f"{__name__}:in_index", mentions.GROUP)


def test_an_id_with_its_version_needs_nobody(finders: list[EntryPoint]) -> None:
    assert found(Settings(), f" {FULL}@7 ") == FoundMention(FULL, 7)


@pytest.mark.parametrize(
    ("written", "version"), [("aaaaaaaa.p1", 12), (FULL, 12), ("aaaaaaaa.p1@7", 7)]
)
def test_what_is_missing_is_asked_for(
    finders: list[EntryPoint], written: str, version: int
) -> None:
    finders.append(point())
    assert found(Settings(), written) == FoundMention(FULL, version)


@pytest.mark.parametrize("written", ["aaaaaaaa.p1", FULL, "aaaaaaaa.p1@7"])
def test_where_nobody_knows_the_whole_id_is_asked_for(
    finders: list[EntryPoint], written: str
) -> None:
    with pytest.raises(Misconfigured, match="which mention") as wrong:
        found(Settings(), written)
    assert "@<version>" in str(wrong.value)


def test_the_index_is_installed_as_a_finder() -> None:
    from importlib.metadata import entry_points

    (installed,) = entry_points(group=mentions.GROUP)
    assert installed.load().__name__ == "find_mention"
