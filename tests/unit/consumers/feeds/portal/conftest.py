"""A portal in memory for every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.consumers.feeds.portal.door import MemoryPortal


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[MemoryPortal]:
    made = MemoryPortal(tmp_path)
    yield made
    made.close()
