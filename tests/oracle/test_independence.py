"""The batch program shares no code with the stages but the pure scorer, else it proves nothing."""

from __future__ import annotations

import ast
from pathlib import Path

ALLOWED = ("schemas", "recordbus.ids", "recordbus.normalize", "streams.resolution",
           "streams.shipped_models", "tests.oracle")  # fmt: skip
OURS = ("recordbus", "streams", "producers", "consumers", "tests", "schemas")


def imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{name.name}" for name in node.names}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return found


def is_allowed(module: str) -> bool:
    if module.partition(".")[0] not in OURS:
        return True
    return any(module == each or module.startswith(f"{each}.") for each in ALLOWED)


def test_the_batch_program_shares_nothing_with_the_stages_but_the_scorer() -> None:
    files = [f for f in Path(__file__).parent.glob("*.py") if not f.name.startswith("test_")]
    assert len(files) > 5
    wrong = {file.name: {m for m in imports(file) if not is_allowed(m)} for file in files}
    assert not {name: modules for name, modules in wrong.items() if modules}


def test_it_would_notice_a_stage() -> None:
    assert not is_allowed("streams.identify.handle")
    assert is_allowed("streams.resolution.clusters.clusters")
