"""The lock files carry hashes and no addresses, and say the same of what they share."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).parents[2] / "requirements"
LOCKS = sorted(REQUIREMENTS.glob("*.txt"))
_PINNED = re.compile(
    r"^(?P<name>[a-z0-9][a-z0-9._-]*)(\[[^]]*\])?==(?P<version>[^ ;\\]+)", re.MULTILINE
)


def pinned(lock: str) -> dict[str, str]:
    text = (REQUIREMENTS / lock).read_text(encoding="utf-8")
    return {found["name"]: found["version"] for found in _PINNED.finditer(text)}


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_a_lock_has_hashes_and_no_addresses(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "://" not in text
    requirements = [block for block in re.split(r"\n(?=[a-z0-9])", text) if block.strip()]
    assert requirements
    assert [each for each in requirements if "--hash=sha256:" not in each] == []


def test_what_runs_is_what_was_tested() -> None:
    tested, runs = pinned("lock.txt"), pinned("runtime.txt")
    assert runs.items() <= tested.items()
    assert "pytest" in tested.keys() - runs.keys()
