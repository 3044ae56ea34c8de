"""Links in every page lead somewhere, and pages name only commands and targets that exist."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from docs.pages.commands import tree
from docs.pages.markdown import anchor

ROOT = Path(__file__).parents[2]
IGNORED = {".venv", ".make", ".git", "run", "node_modules", ".pytest_cache"}
PAGES = sorted(
    path for path in ROOT.rglob("*.md") if not IGNORED & set(path.relative_to(ROOT).parts)
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"^(?:.*/)?(recordbus(?: [a-z][a-z-]*)+)")
FENCE = re.compile(r"```.*?```", re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_resolves(page: Path) -> None:
    assert dead_links(page) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_only_commands_and_targets_that_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    commands = {words for words, _, _ in tree()}
    groups = {words for words, command, _ in tree() if hasattr(command, "list_commands")}
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))

    used = {words for line in _code(text) for words in re.findall(COMMAND, line)}
    unknown = [words for words in used if not _is_a_command(words, commands, groups)]
    made = {target for line in _code(text) for target in re.findall(r"^make ([a-z]+)", line)}

    assert (unknown, made - targets) == ([], set())


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A b\n[x](gone.md) [y](#a-b) [z](#c) [w](page.md#c) [v](https://x)\n", "utf-8"
    )

    assert dead_links(page) == ["gone.md", "#c", "page.md#c"]


def test_every_decision_is_listed_in_order_and_has_its_four_parts() -> None:
    index = (ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8")
    decisions = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))

    assert [path.name for path in decisions] == re.findall(r"\((\d{4}-[^)]+\.md)\)", index)
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    for path in decisions:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {path.name[:4]} ")
        for part in ("**Context.**", "**Choice.**", "**Refused.**", "**Revisit**"):
            assert part in text, f"{path.name} lacks {part}"


def test_every_page_of_the_documentation_can_be_reached_from_its_index() -> None:
    docs = ROOT / "docs"
    reached: set[Path] = set()
    ahead = {docs / "index.md"}
    while ahead:
        page = ahead.pop()
        reached.add(page)
        linked = {_target(page, link) for link in _links(page)}
        ahead |= {path for path in linked if path in PAGES} - reached

    pages = {path for path in PAGES if path.is_relative_to(docs)}
    assert pages - reached == set()


def test_make_help_names_every_target() -> None:
    printed = subprocess.run(
        ["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)

    assert phony
    assert set(re.findall(r"^  make ([a-z]+) ", printed, re.MULTILINE)) == set(phony[1].split())


def test_the_continuous_check_is_make_test_and_nothing_else() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    code = [line for line in lines if line and not line.startswith("#")]

    assert len(code) == 1
    assert code[0].endswith("exec make test")
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def dead_links(page: Path) -> list[str]:
    """Give the relative links of a page that lead to no file or no heading."""
    return [link for link in _links(page) if not _leads_somewhere(page, link)]


def _links(page: Path) -> list[str]:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return [link for link in LINK.findall(text) if not re.match(r"[a-z]+:", link)]


def _code(text: str) -> list[str]:
    """Give the lines of a page's code blocks, without a prompt, and its inline code."""
    blocks = [line for block in FENCE.findall(text) for line in block.splitlines()[1:-1]]
    inline = re.findall(r"`([^`\n]+)`", FENCE.sub("", text))
    return [line.strip().removeprefix("$ ") for line in [*blocks, *inline]]


def _target(page: Path, link: str) -> Path:
    path = link.partition("#")[0]
    return (page.parent / path).resolve() if path else page


def _leads_somewhere(page: Path, link: str) -> bool:
    target, fragment = _target(page, link), link.partition("#")[2]
    if not target.exists():
        return False
    if not fragment or target.suffix != ".md":
        return True
    text = FENCE.sub("", target.read_text(encoding="utf-8"))
    return fragment in {anchor(h) for h in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def _is_a_command(words: str, commands: set[str], groups: set[str]) -> bool:
    """Say whether words call a command; after a command that is no group come its arguments."""
    parts = words.split()
    known = [
        " ".join(parts[:n]) for n in range(len(parts), 0, -1) if " ".join(parts[:n]) in commands
    ]
    return bool(known) and (known[0] == words or known[0] not in groups)
