"""What import contracts cannot say: pure zones ask no clock, no chance and no file by any name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

ZONES = (
    "schemas/**/*.py",
    "producers/mapping/**/*.py",
    "recordbus/normalize/**/*.py",
    "streams/resolution/**/*.py",
    "streams/*/handle.py",
    "consumers/search/documents.py",
)
"""Pure whatever their files say of themselves; beside them, every module that says `(pure)`."""
PACKAGES = ("recordbus", "schemas", "producers", "streams", "consumers")
READS_OUR_DATA_FILES = ("schemas/files.py",)
"""Modules of a pure zone that may read files: only those of our own packages, which are code."""

SOURCE_OF_RANDOM_IDS = {"recordbus/ids.py": [".uuid4()"]}
"""The one place where chance comes from, to be injected as an IdSource."""

IMPURE_MODULES = frozenset(
    {"asyncio", "glob", "io", "logging", "os", "random", "secrets", "shutil", "socket"}
    | {"sqlite3", "structlog", "subprocess", "tempfile", "threading", "time"}
)
IMPURE_CALLS = frozenset({"open", "input", "print", "eval", "__import__"})
IMPURE_METHODS = frozenset(
    {"now", "utcnow", "today", "getenv", "uuid1", "uuid4"}
    | {"read_text", "read_bytes", "write_text", "write_bytes", "open", "unlink", "mkdir"}
)


def files() -> list[Path]:
    """Give every file of a pure zone, and every file whose first line claims to be pure."""
    ours = {path for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
    claimed = {path for path in ours if "(pure" in path.read_text("utf-8").partition("\n")[0]}
    found = claimed | {path for pattern in ZONES for path in ROOT.glob(pattern)}
    return sorted(found - {ROOT / path for path in READS_OUR_DATA_FILES})


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_pure_file_asks_nobody(path: Path) -> None:
    found = [line.partition(": ")[2] for line in impurities(path.read_text(encoding="utf-8"))]

    assert found == SOURCE_OF_RANDOM_IDS.get(str(path.relative_to(ROOT)), [])


@pytest.mark.parametrize(
    "line",
    [
        "import time",
        "import os.path",
        "from random import choice",
        "from recordbus.clock import SystemClock",
        "from recordbus import logs",
        "open('x')",
        "datetime.now()",
        "date.today()",
        "Path('x').read_text()",
        "uuid.uuid4()",
        "print('x')",
        "global_state = 1\ndef f():\n    global global_state",
    ],
)
def test_a_line_that_asks_somebody_is_found(line: str) -> None:
    assert list(impurities(line))


@pytest.mark.parametrize(
    "line",
    [
        "from datetime import date\ndate.fromisoformat('2026-01-01')",
        "import re, uuid, hashlib\nuuid.uuid5(a, b)",
        "from recordbus.errors import Rejected",
        "SystemClock = 1",
        "if TYPE_CHECKING:\n    from recordbus.metrics import Sample",
    ],
)
def test_a_line_that_only_computes_passes(line: str) -> None:
    assert list(impurities(line)) == []


OUR_EDGES = frozenset(
    {"recordbus.clock", "recordbus.logs", "recordbus.metrics", "recordbus.settings"}
)


def impurities(source: str) -> Iterator[str]:
    """Give each place of a module that reaches beyond its arguments, as `line: what`."""
    for node in _run(ast.parse(source)):
        for found in _of(node):
            yield f"{getattr(node, 'lineno', 0)}: {found}"


def _run(tree: ast.AST) -> Iterator[ast.AST]:
    """Give every node but those that only a type checker reads."""
    yield tree
    for child in ast.iter_child_nodes(tree):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield from _run(child)


def _of(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (a.name for a in names if _impure_module(a.name))
        case ast.ImportFrom(module=str(module), names=names):
            whole = (module, *(f"{module}.{alias.name}" for alias in names))
            yield from (name for name in whole if _impure_module(name))
        case ast.Call(func=ast.Name(id=name)) if name in IMPURE_CALLS:
            yield f"{name}()"
        case ast.Call(func=ast.Attribute(attr=name)) if name in IMPURE_METHODS:
            yield f".{name}()"
        case ast.Global(names=globals_changed):
            yield f"global {', '.join(globals_changed)}"


def _impure_module(name: str) -> bool:
    return name.partition(".")[0] in IMPURE_MODULES or name in OUR_EDGES
