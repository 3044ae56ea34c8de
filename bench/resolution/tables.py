"""Writes what `bench.resolve` measured into the page that explains resolution.

python -m bench.resolution.tables
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from bench.resolution.environment import ROOT

PAGE: Final = ROOT / "docs" / "explanation" / "resolution.md"
RESULT: Final = ROOT / "bench" / "results" / "resolve.json"
BEGIN: Final = "<!-- measured: written by bench.resolution.tables -->"
END: Final = "<!-- end of what is measured -->"
_WORLDS: Final = (
    ("county, 100,000 people, seed 7002", ("county",)),
    ("households: registers with date of birth and address", ("households",)),
    ("households: all registers", ("households", "all_sources")),
    ("FEBRL 4", ("febrl_4",)),
    ("FEBRL 3", ("febrl_3",)),
)


def with_tables(page: str, measured: Mapping[str, Any]) -> str:
    """Give the page with the tables between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    tables = "\n".join((*_worlds(measured), "", *_kinds(measured["by_kind"])))
    return f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}"


def _worlds(measured: Mapping[str, Any]) -> Iterator[str]:
    yield "| world | records | precision | wrong of linked pairs | recall | F1 |"
    yield "|---|---:|---:|---:|---:|---:|"
    for title, path in _WORLDS:
        found: Any = measured
        for step in path:
            found = found[step]
        agreed = found["agreement"]
        precision = agreed["precision"]
        wrong = precision["of"] - precision["count"]
        cells = (
            title,
            f"{agreed['records']:,}",
            _interval(precision),
            f"{wrong:,} of {precision['of']:,}",
            _interval(agreed["recall"]),
            f"{agreed['f1']:.4f}",
        )
        yield f"| {' | '.join(cells)} |"


def _interval(share: Mapping[str, Any]) -> str:
    low, high = share["wilson_95"]
    return f"{share['value']:.4f} ({low:.4f} to {high:.4f})"


def _kinds(by_kind: Mapping[str, Mapping[str, Sequence[float]]]) -> Iterator[str]:
    yield "| people | wrong links | at most, per thousand | people with records apart | per cent |"
    yield "|---|---:|---:|---:|---:|"
    for group, (wrong, linked, _, high) in by_kind["wrong"].items():
        split, known, least, most = by_kind["split"].get(group, (0, 0, 0.0, 1.0))
        yield (
            f"| {group} | {wrong:,.0f} of {linked:,.0f} | {high * 1000:.2f}"
            f" | {split:,.0f} of {known:,.0f} | {least * 100:.1f} to {most * 100:.1f} |"
        )


def main() -> None:
    """Write the tables into the page."""
    measured = json.loads(RESULT.read_text(encoding="utf-8"))["measured"]
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8"), measured), encoding="utf-8")


if __name__ == "__main__":
    main()
