"""Which build runs: told by the container, by the checkout, or unknown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from recordbus import build


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    """Forget what was found before and what a test made it find."""
    build.commit.cache_clear()
    build.version.cache_clear()
    yield
    build.commit.cache_clear()
    build.version.cache_clear()


def test_a_container_states_its_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(build.COMMIT_VARIABLE, "0123456789abcdef")

    assert build.commit() == "0123456789ab"


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"HEAD": "abc123\n"}, "abc123"),
        ({"HEAD": "ref: refs/heads/main\n", "refs/heads/main": "def456\n"}, "def456"),
        ({"HEAD": "ref: refs/heads/main\n"}, None),
        ({}, None),
    ],
)
def test_a_checkout_knows_its_commit(
    tmp_path: Path, files: dict[str, str], found: str | None
) -> None:
    for name, text in files.items():
        path = tmp_path / ".git" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    assert build._checked_out(tmp_path) == found


def test_code_that_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    assert build.version() != "unknown"
    build.version.cache_clear()
    monkeypatch.setattr(build, "DISTRIBUTION", "no-such-distribution-of-ours")

    assert build.version() == "unknown"
