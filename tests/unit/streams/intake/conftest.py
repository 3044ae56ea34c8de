"""Intake on a registry in memory."""

from __future__ import annotations

import pytest

from recordbus.testing.registry import MemoryRegistry
from streams.intake.testing import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk(MemoryRegistry())


@pytest.fixture
def designating_desk() -> Desk:
    return Desk(MemoryRegistry(), designations=True)
