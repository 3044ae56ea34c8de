"""The tutorial, typed as it stands on a real bus, prints what it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from recordbus.testing.audit import entries_in

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs" / "tutorial" / "first-records.md"
BLOCK = re.compile(r"```(sh|text)\n(.*?)```", re.DOTALL)
OTHERWISE_EACH_TIME = "supervisor"
IN_THE_DEMO = "make demo"
PUBLISHED = re.compile(r"^recordbus publish (?:\\\n|.)*$", re.MULTILINE)
A_MOMENT = """\
from time import sleep

from recordbus.kafka.admin import Admin
from recordbus.kafka.connection import Connection
from recordbus.settings import load
from schemas import catalog

admin = Admin(Connection.from_settings(load().kafka))
for group, is_read in (
    ("recordbus-intake", lambda topic: catalog.department_of_topic(topic) is not None),
    ("recordbus-index", lambda topic: topic == "records.v1"),
):
    topics = {name: count for name, count in admin.list_topics().items() if is_read(name)}
    ends = admin.ends([(name, number) for name, count in topics.items() for number in range(count)])
    while ends:
        done = admin.group_offsets(group, topics)
        ends = {where: at for where, at in ends.items() if done.get(where, 0) < at}
        sleep(0.05)
"""


@pytest.mark.kafka
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_tutorial_prints_what_it_says(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "recordbus").symlink_to(Path(sys.executable).parent / "recordbus")
    typed, promised = typed_and_promised(TUTORIAL.read_text(encoding="utf-8"))
    (tmp_path / "a_moment.py").write_text(A_MOMENT)

    try:
        done = subprocess.run(
            ["bash", "-c", with_moments(typed)], cwd=tmp_path, env=_environment(),
            capture_output=True, text=True, timeout=500, check=False,
        )  # fmt: skip
    finally:
        down = [sys.executable, "-m", "recordbus", "down", "--run-directory", "run"]
        subprocess.run(down, cwd=tmp_path, env=_environment(), capture_output=True, check=False)

    printed = (done.stdout + done.stderr).splitlines()
    assert [line for line in promised if line not in printed] == [], done.stdout + done.stderr
    assert "similar spelling" in done.stdout
    assert "Lundqvist, Marta" in done.stdout
    assert entries_in(tmp_path / "run" / "audit")


def test_what_is_typed_and_promised_is_taken_from_the_page() -> None:
    page = (
        "```sh\nmake demo\n```\n```sh\nrecordbus x\n```\n```text\nprinted\n```\n"
        "```text\n/run: ready, supervisor 7\n```\n"
    )
    assert typed_and_promised(page) == ("recordbus x\n", ["printed"])
    assert len(typed_and_promised(TUTORIAL.read_text(encoding="utf-8"))[1]) >= 8


def test_who_types_takes_a_moment_after_publishing() -> None:
    typed = "recordbus publish csv a.csv \\\n  --department b\nrecordbus search --name c\n"
    asked = f"{sys.executable} a_moment.py"
    assert with_moments(typed) == typed.replace("b\n", f"b\n{asked}\n")


def with_moments(typed: str) -> str:
    """Give the commands with what a reader's seconds between two commands are there for.

    After a change was published it is accepted and indexed; on a busy machine that takes longer
    than a script takes to ask.
    """
    return PUBLISHED.sub(rf"\g<0>\n{sys.executable} a_moment.py", typed)


def typed_and_promised(page: str) -> tuple[str, list[str]]:
    """Give the commands of a page as one script, and the lines that it says they print."""
    blocks = BLOCK.findall(page)
    typed = [text for kind, text in blocks if kind == "sh" and IN_THE_DEMO not in text]
    shown = [text for kind, text in blocks if kind == "text" and OTHERWISE_EACH_TIME not in text]
    return "".join(typed), [line for text in shown for line in text.splitlines()]


def _environment() -> dict[str, str]:
    ours = {name for name in os.environ if name.startswith("RECORDBUS_")} - {"RECORDBUS_CACHE"}
    return {name: value for name, value in os.environ.items() if name not in ours}
