"""The report that holds what each bench must reach against its last run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.figure import Bench, Rows
from bench.figures import BENCHES


def write_report(results: Path) -> None:
    """Write `README.md` beside `results` from the result files that are there."""
    text = "\n".join(_report(results))
    (results.parent / "README.md").write_text(text + "\n", encoding="utf-8")


def _report(results: Path) -> Iterator[str]:
    yield "# Benches"
    yield ""
    yield (
        "Written by `make bench`; every bench runs on a real local Kafka with everything on one "
        "machine. Single figures are of a shared machine and vary; ratios are of one run."
    )
    for name, bench in BENCHES.items():
        path = results / f"{name}.json"
        if path.is_file():
            yield from _section(name, bench, json.loads(path.read_text(encoding="utf-8")))


def _section(name: str, bench: Bench, found: Any) -> Iterator[str]:
    yield from ("", f"## {name}", "", bench.says, "")
    yield "| figure | measured | target | |"
    yield "|---|---:|---:|---|"
    measured = found if bench.keeps else found["measured"]
    for figure in bench.figures:
        try:
            value = figure.pick(measured)
        except (KeyError, TypeError):
            yield f"| {figure.says} | not measured in this run | {figure.target()} | |"
            continue
        cells = (figure.says, f"{value:,.6g} {figure.unit}".strip(), figure.target())
        yield f"| {' | '.join(cells)} | {figure.verdict(value)} |"
    if bench.rows is not None:
        yield from _table(bench.rows, measured)
    yield ""
    told = {key: value for key, value in found["machine"].items() if key != "versions"}
    yield "Machine: " + ", ".join(f"{key} {value}" for key, value in told.items()) + ". "
    versions = {**found["machine"]["versions"], **measured.get("versions", {})}
    yield "Versions: " + ", ".join(f"{key} {value}" for key, value in versions.items()) + "."


def _table(rows: Rows, measured: Any) -> Iterator[str]:
    yield ""
    yield f"| {' | '.join(column.title for column in rows.columns)} |"
    yield "|---|" + "---:|" * (len(rows.columns) - 1)
    for row in measured[rows.found_at]:
        yield f"| {' | '.join(_cell(row[column.field]) for column in rows.columns)} |"


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:,.6g}"
