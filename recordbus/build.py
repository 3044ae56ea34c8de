"""Which build this process runs: the distribution's version and, where known, its commit."""

from __future__ import annotations

import os
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path

DISTRIBUTION = "recordbus"
COMMIT_VARIABLE = "RECORDBUS_BUILD_COMMIT"
_UNKNOWN = "unknown"


@cache
def version() -> str:
    """Give the installed version, or `unknown` when the code runs without being installed."""
    try:
        return installed_version(DISTRIBUTION)
    except PackageNotFoundError:
        return _UNKNOWN


@cache
def commit() -> str:
    """Give the commit this code comes from: the variable a container build sets, or the checkout.

    12 hex digits, or `unknown` for an installed wheel.
    """
    stated = os.environ.get(COMMIT_VARIABLE)
    return (stated or _checked_out(Path(__file__).parents[1]) or _UNKNOWN)[:12]


def _checked_out(root: Path) -> str | None:
    git = root / ".git"
    try:
        head = (git / "HEAD").read_text(encoding="utf-8").strip()
        if not head.startswith("ref: "):
            return head
        return (git / head.removeprefix("ref: ")).read_text(encoding="utf-8").strip()
    except OSError:
        return None
