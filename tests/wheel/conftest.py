"""A wheel of this checkout, installed with its run-time extras where nothing else is installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
EXTRAS = frozenset({"postgres", "sftp", "opensearch"})
UV = Path(sys.executable).with_name("uv")


@dataclass(frozen=True)
class Installed:
    """The wheel, and the environment it was installed into."""

    wheel: Path
    environment: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment, far from the checkout and from our variables."""
        variables = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "RECORD"))}
        return subprocess.run(
            [self.environment / "bin" / arguments[0], *arguments[1:]],
            cwd=self.environment,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Build the wheel, and install it and what it needs at the versions and hashes of the lock."""
    folder = tmp_path_factory.mktemp("wheel")
    _do(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    (wheel,) = folder.glob("*.whl")
    environment = folder / "environment"
    needed = folder / "needed.txt"
    needed.write_text("\n".join(locked(needed_names())), encoding="utf-8")
    _do(UV, "venv", "--python", sys.executable, environment)
    into = ("--python", environment / "bin" / "python", "--no-deps")
    _do(UV, "pip", "install", *into, "--require-hashes", "-r", needed)
    _do(UV, "pip", "install", *into, wheel)
    return Installed(wheel, environment)


def needed_names() -> set[str]:
    """Give every distribution that recordbus with its run-time extras needs on this machine."""
    ahead = [("recordbus", EXTRAS)]
    seen: dict[str, frozenset[str]] = {}
    while ahead:
        name, extras = ahead.pop()
        if name in seen and extras <= seen[name]:
            continue
        seen[name] = seen.get(name, frozenset()) | extras
        ahead += _requirements(name, extras)
    return seen.keys() - {"recordbus"}


def _requirements(name: str, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    for line in distribution(name).requires or ():
        wanted = Requirement(line)
        marker = wanted.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in {"", *extras}):
            yield canonicalize_name(wanted.name), frozenset(wanted.extras)


def locked(names: set[str]) -> list[str]:
    """Give the lock's entries for these distributions, hashes included.

    One that differs by the interpreter has an entry for each, with its marker.
    """
    text = (ROOT / "requirements" / "lock.txt").read_text(encoding="utf-8")
    entries: dict[str, list[str]] = {}
    for entry in re.split(r"\n(?=\S)", text):
        entries.setdefault(entry.partition("==")[0], []).append(entry)
    return [entry for name in sorted(names) for entry in entries[name]]


def _do(*command: object) -> None:
    ended = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, **_uv_as_pip()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert ended.returncode == 0, f"{command}\n{ended.stdout}\n{ended.stderr}"


def _uv_as_pip() -> dict[str, str]:
    """Let uv take packages from where pip is told to take them."""
    printed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    told = dict(re.findall(r"^[\w:]+\.([\w-]+)='(.*)'$", printed, re.MULTILINE))
    names = {
        "index-url": "UV_DEFAULT_INDEX",
        "extra-index-url": "UV_INDEX",
        "find-links": "UV_FIND_LINKS",
        "cert": "SSL_CERT_FILE",
    }
    return {names[key]: value for key, value in told.items() if key in names}
