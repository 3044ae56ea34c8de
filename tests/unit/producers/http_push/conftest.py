"""A gateway in memory for every test, with log lines as they are written in service."""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from recordbus import logs
from tests.unit.producers.http_push.door import MemoryDoor


@pytest.fixture(autouse=True)
def log_lines() -> Iterator[io.StringIO]:
    """Give what is logged; structlog and logging are as before afterwards."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    written = io.StringIO()
    logs.configure("info", json=True, stream=written)
    # What a thread does not catch must fail the test, not become a line.
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    yield written
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[MemoryDoor]:
    made = MemoryDoor(tmp_path)
    yield made
    made.close()
