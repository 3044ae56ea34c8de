"""A mention and its version out of the index, for those who judge it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from consumers.finding import find_mention
from consumers.search.refusals import BadQuery
from recordbus.errors import Retryable
from recordbus.mentions import FoundMention
from recordbus.settings import Settings


@pytest.fixture
def settings(county: Any, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("RECORDBUS_INDEX__PATH", str(county.path))
    return Settings()


def test_a_mention_is_found_by_the_beginning_of_its_record_s_key(
    county: Any, settings: Settings
) -> None:
    record = county.arrest
    found = find_mention(settings, f"{record['record_key'][:12]}.p2")
    assert found == FoundMention(f"{record['record_key']}.p2", record["version"])


def test_what_is_not_there_is_said(county: Any, settings: Settings) -> None:
    with pytest.raises(BadQuery, match="there is no mention"):
        find_mention(settings, f"{'0' * 12}.p1")


def test_without_an_index_the_whole_id_is_needed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RECORDBUS_INDEX__PATH", str(tmp_path / "none"))
    with pytest.raises(Retryable, match="no index"):
        find_mention(Settings(), f"{'0' * 12}.p1")
