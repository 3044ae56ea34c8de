"""A catalogue and the code agree both ways: nothing unknown is used, nothing known is unused."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

from recordbus import metrics
from recordbus.redaction import ALLOWED_KEYS
from recordbus.settings.origins import setting_fields
from schemas import catalog

ROOT = Path(__file__).parents[2]
PACKAGES = ("recordbus", "schemas", "producers", "streams", "consumers")
TREES = {
    str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8"))
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}
LEVELS = frozenset({"debug", "info", "warning", "error", "exception", "critical"})
SAY_A_REASON = frozenset({"Rejected", "Quarantine"})


def files_in(folder: str) -> frozenset[str]:
    """Give the files of a folder of our code."""
    return frozenset(name for name in TREES if name.startswith(f"{folder}/"))


def nodes(*, without: Collection[str] = ()) -> Iterator[tuple[str, ast.AST]]:
    """Give every node of our code with its file."""
    for name, tree in TREES.items():
        if name not in without:
            yield from ((name, node) for node in ast.walk(tree))


def attributes(*, without: Collection[str]) -> set[str]:
    """Give every name that some code reads as an attribute or imports."""
    found: set[str] = set()
    for _, node in nodes(without=without):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.name for alias in node.names}
    return found


def test_every_setting_is_read_somewhere() -> None:
    """A setting that nothing reads is a promise that nothing keeps."""
    model = "recordbus/settings/model.py"  # it reads what paths follow from
    read = attributes(without=files_in("recordbus/settings") - {model})

    assert [f.name for f in setting_fields() if f.location[-1] not in read] == []


def test_every_metric_is_moved_somewhere() -> None:
    """A metric that nothing moves looks like a bus on which nothing happens."""
    moved = attributes(without=files_in("recordbus/metrics"))
    metric = type(metrics.BUILD_INFO).__mro__[1]
    names = {name for name, value in vars(metrics).items() if isinstance(value, metric)}

    assert len(names) == len(metrics.CATALOGUE)
    assert sorted(names - moved - {"BUILD_INFO"}) == []


def test_every_reason_that_the_code_gives_is_in_the_catalogue() -> None:
    given = {code: where for where, code in literal_reasons()}

    assert {code: given[code] for code in given.keys() - catalog.reasons().keys()} == {}


def test_every_reason_of_the_catalogue_is_given_somewhere() -> None:
    texts = {
        node.value
        for name, node in nodes()
        if not name.startswith("schemas/")
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert sorted(catalog.reasons().keys() - texts) == []


def test_every_value_of_a_log_line_stands_under_a_key_that_may_be_written() -> None:
    """A line whose values are redacted tells nobody anything."""
    unknown = [
        f"{where}:{call.lineno} {keyword.arg}"
        for where, call in log_calls()
        for keyword in call.keywords
        if keyword.arg not in {*ALLOWED_KEYS, "exc_info", "stack_info", "stacklevel"}
    ]
    assert unknown == []


def test_every_event_of_a_log_line_is_a_literal_without_arguments() -> None:
    made = [
        f"{where}:{call.lineno}"
        for where, call in log_calls()
        if len(call.args) > 1
        or not (isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str))
    ]
    assert made == []


def test_these_checks_look_at_something() -> None:
    assert len(list(literal_reasons())) > 20
    assert len(list(log_calls())) > 5


def literal_reasons() -> Iterator[tuple[str, str]]:
    """Give each reason code that is written out where an input is rejected."""
    for where, node in nodes():
        if isinstance(node, ast.Call) and _name(node.func) in SAY_A_REASON and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield f"{where}:{node.lineno}", first.value


def log_calls() -> Iterator[tuple[str, ast.Call]]:
    """Give each call of a logger of ours: `_log.info(...)`, `log.warning(...)`."""
    for where, node in nodes():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            on = _name(node.func.value).lower()
            if node.func.attr in LEVELS and on.strip("_") in {"log", "logger"}:
                yield where, node


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    return _name(node.func) if isinstance(node, ast.Call) else ""
