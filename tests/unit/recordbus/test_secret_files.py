"""Secrets in files: made once, never replaced, private to their owner."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from recordbus.errors import Misconfigured
from recordbus.secret_files import SECRET_BYTES, make_secret, read_password, read_secret, secret_of


def test_a_secret_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "a.key"

    first = make_secret(path)

    assert len(first) == SECRET_BYTES
    assert make_secret(path) == first == read_secret(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_two_that_make_it_at_once_get_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.key"

    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(make_secret, [path] * 32))

    assert len(made) == 1


def test_two_files_hold_two_secrets(tmp_path: Path) -> None:
    assert make_secret(tmp_path / "a.key") != make_secret(tmp_path / "b.key")


def test_a_secret_that_others_can_read_is_refused_with_what_to_run(tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    make_secret(path)
    path.chmod(0o644)

    with pytest.raises(Misconfigured, match=f"chmod 600 {path}"):
        read_secret(path)


@pytest.mark.parametrize("content", ["", "ab" * 31, "not hex at all", "\u00e9"])
def test_a_secret_that_is_short_or_not_hex_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.key"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)

    with pytest.raises(Misconfigured, match=r"a\.key") as caught:
        read_secret(path)
    assert content == "" or content not in str(caught.value)


def test_a_missing_secret_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="FileNotFoundError"):
        read_secret(tmp_path / "a.key")


def test_a_secret_is_the_same_from_a_setting_and_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    secret = make_secret(path)
    assert secret_of(path.read_text(encoding="ascii"), "department.secret") == secret


@pytest.mark.parametrize("text", ["", "hunter2" * 20, "00" * (SECRET_BYTES - 1)])
def test_a_setting_that_holds_no_secret_is_named_and_not_shown(text: str) -> None:
    with pytest.raises(Misconfigured, match=r"department\.secret holds no secret") as caught:
        secret_of(text, "department.secret")
    assert text == "" or text not in str(caught.value)


def test_a_password_is_the_first_line_of_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text("of paper \r\nand a note\n", encoding="utf-8")
    path.chmod(0o600)
    assert read_password(path) == "of paper "


@pytest.mark.parametrize(("text", "mode"), [("", 0o600), ("\n", 0o600), ("of paper\n", 0o640)])
def test_a_password_that_is_none_or_no_secret_is_refused(
    tmp_path: Path, text: str, mode: int
) -> None:
    path = tmp_path / "password"
    path.write_text(text)
    path.chmod(mode)
    with pytest.raises(Misconfigured, match=r"empty|chmod|readable"):
        read_password(path)


def test_a_password_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be read"):
        read_password(tmp_path / "none")
