"""The tutorial, typed as it stands on a real bus, prints what it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs" / "tutorial" / "first-records.md"
BLOCK = re.compile(r"```(sh|text)\n(.*?)```", re.DOTALL)
OTHERWISE_EACH_TIME = "supervisor"
IN_THE_DEMO = "make demo"


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_tutorial_prints_what_it_says(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "recordbus").symlink_to(Path(sys.executable).parent / "recordbus")
    typed, promised = typed_and_promised(TUTORIAL.read_text(encoding="utf-8"))

    try:
        done = subprocess.run(
            ["bash", "-c", typed], cwd=tmp_path, env=_environment(), capture_output=True, text=True,
            timeout=500, check=False,
        )  # fmt: skip
    finally:
        down = [sys.executable, "-m", "recordbus", "down", "--run-directory", "run"]
        subprocess.run(down, cwd=tmp_path, env=_environment(), capture_output=True, check=False)

    printed = (done.stdout + done.stderr).splitlines()
    assert [line for line in promised if line not in printed] == [], done.stdout + done.stderr
    assert "similar spelling" in done.stdout
    assert "Lundqvist, Marta" in done.stdout
    assert (tmp_path / "run" / "audit" / "searches.jsonl").exists()


def test_what_is_typed_and_promised_is_taken_from_the_page() -> None:
    page = (
        "```sh\nmake demo\n```\n```sh\nrecordbus x\n```\n```text\nprinted\n```\n"
        "```text\n/run: ready, supervisor 7\n```\n"
    )
    assert typed_and_promised(page) == ("recordbus x\n", ["printed"])
    assert len(typed_and_promised(TUTORIAL.read_text(encoding="utf-8"))[1]) >= 8


def typed_and_promised(page: str) -> tuple[str, list[str]]:
    """Give the commands of a page as one script, and the lines that it says they print."""
    blocks = BLOCK.findall(page)
    typed = [text for kind, text in blocks if kind == "sh" and IN_THE_DEMO not in text]
    shown = [text for kind, text in blocks if kind == "text" and OTHERWISE_EACH_TIME not in text]
    return "".join(typed), [line for text in shown for line in text.splitlines()]


def _environment() -> dict[str, str]:
    ours = {name for name in os.environ if name.startswith("RECORDBUS_")} - {"RECORDBUS_CACHE"}
    return {name: value for name, value in os.environ.items() if name not in ours}
