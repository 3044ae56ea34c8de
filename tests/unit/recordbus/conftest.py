"""Settings as an operator has them, and logs that a test may configure."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog


@pytest.fixture
def clean_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Unset every variable of ours and move into an empty directory; give that directory."""
    for name in [name for name in os.environ if name.upper().startswith("RECORDBUS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def write_config(clean_settings: Path) -> Callable[[str], Path]:
    """Give a function that writes ./recordbus.toml."""

    def write(text: str) -> Path:
        path = clean_settings / "recordbus.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def own_logs() -> Iterator[None]:
    """Let a test configure this process's logs, and put everything back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    structlog.reset_defaults()
