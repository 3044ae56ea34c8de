"""Every reason code that the code gives is in the catalogue, so no refusal goes unexplained."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas import catalog

ROOT = Path(__file__).parents[3]
PACKAGES = ("recordbus", "producers", "streams", "consumers")
GIVERS = {"Rejected", "Quarantine", "Quarantined"}


def given(source: str) -> Iterator[str]:
    """Yield the reason codes that are written out where something is rejected."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _called(node) in GIVERS:
            named = [k.value for k in node.keywords if k.arg == "reason"]
            for argument in (named or node.args)[:1]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def python_files() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


@pytest.mark.parametrize("path", python_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_reason_that_is_given_is_explained(path: Path) -> None:
    unexplained = set(given(path.read_text(encoding="utf-8"))) - set(catalog.reasons())
    assert not unexplained, f"add to schemas/reasons.yaml: {sorted(unexplained)}"


def test_the_search_finds_reasons() -> None:
    assert list(given("raise Rejected('a')\nraise errors.Rejected(reason='b')")) == ["a", "b"]
    everywhere = {r for path in python_files() for r in given(path.read_text(encoding="utf-8"))}
    assert "truncated" in everywhere
