"""The few forms of Markdown that the reference is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def page(title: str, source: str, *parts: str) -> str:
    """Give a page with its title, the sentence that says where it comes from, and its parts."""
    note = f"<!-- Made by `make docs` from {source}. Change that, not this page. -->"
    return "\n\n".join([note, f"# {title}", *(part for part in parts if part)]) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Give a table; an empty one is nothing at all."""
    lines = [_row(row) for row in rows]
    if not lines:
        return ""
    return "\n".join([_row(head), "|".join(["", *(["---"] * len(head)), ""]), *lines])


def code(text: object) -> str:
    """Give text as code; nothing for nothing."""
    return f"`{text}`" if text not in (None, "") else ""


def codes(texts: Iterable[object]) -> str:
    """Give several texts as code, separated by commas."""
    return ", ".join(code(text) for text in texts)


def anchor(heading: str) -> str:
    """Give the fragment that GitHub links a heading by."""
    kept = "".join(c for c in heading.lower() if c.isalnum() or c in " -_")
    return kept.replace(" ", "-")


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(value: object) -> str:
    return " ".join(str("" if value is None else value).replace("|", "\\|").split())
